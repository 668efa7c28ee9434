/** Whatever happens to a Service, and whenever the operator dies: it ends as it was, or with the gate in front. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PatchOperation } from '../../../../src/kube/patch.ts';
import { type Action, decide, type Seen } from '../../../../src/operator/front/decide.ts';
import {
  frontingOf,
  leadsTo,
  type SelectingService,
  switchOf,
} from '../../../../src/operator/front/handover.ts';
import { frontSelectorValue } from '../../../../src/operator/front/names.ts';
import type { FrontRecord } from '../../../../src/operator/front/record.ts';

const GATE = { name: 'chaos', uid: '0123abcd-4567-89ef-0123-456789abcdef' };
const OURS = frontSelectorValue(GATE.uid);

/** Writes that bring any state to its end: more than it takes is a circle. */
const MOST_WRITES = 25;

type Selector = Record<string, string>;

/** What is stored, and what the cluster makes of it. */
class World {
  version = 1;
  service: SelectingService | undefined;
  /** The selector that the owner of the Service wants. */
  wanted: Selector = { app: 'postgres', tier: 'db' };
  ports = 1;
  originPorts: number | undefined;
  originSelector: Selector | undefined;
  podPorts: number | undefined;
  isProved = false;
  isAllowed = true;
  isDeleted = false;
  isHeld = false;
  nonce = '';
  asked = 0;
  record: FrontRecord | undefined;
  /** Somebody has changed the selector under the gate, and has not asked for the gate again. */
  isReverted = false;
  /** The same of this Service or one before it. */
  wasReverted = false;
  readonly #uids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p'];

  constructor() {
    this.createService();
  }

  createService(): void {
    if (this.service !== undefined) return;
    this.isReverted = false;
    this.service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'postgres', uid: this.#uids.shift() ?? 'z', resourceVersion: '1' },
      spec: { selector: this.wanted },
    };
  }

  seen(mayFront: boolean | undefined): Seen {
    const isListed = this.service !== undefined && leadsTo(this.service, GATE.uid);
    return {
      gate: GATE,
      isDeleted: this.isDeleted,
      isHeld: this.isHeld,
      nonce: this.nonce,
      record: this.record,
      service: this.service,
      origin:
        this.originPorts === undefined
          ? undefined
          : { selector: this.originSelector, hasPorts: this.originPorts === this.ports },
      mayFront,
      areProxiesReady: this.podPorts === this.ports,
      isProved: this.isProved,
      isListed,
      isDrained: true,
    };
  }

  /** Makes the children of the gate. False when that changes nothing. */
  prepare(action: Action): boolean {
    const isWanted = action.do === 'await' || (action.do === 'stay' && action.at === 'InFront');
    if (!isWanted || this.isDeleted) return false;
    const { originPorts, podPorts, isProved, ports } = this;
    if (originPorts === ports && podPorts === ports && isProved) return false;
    const fronting = this.service && frontingOf(this.service);
    this.originSelector = fronting?.original ?? this.service?.spec?.selector;
    this.originPorts = this.podPorts = this.ports;
    this.isProved = true;
    return true;
  }

  do(action: Action): void {
    if (action.do === 'hold') this.isHeld = true;
    if (action.do === 'letGo') this.isHeld = false;
    if (action.do === 'record') this.record = action.record;
    if (action.do === 'switch') this.#switch(action.original);
    if (action.do === 'release') this.#patch(action.step.operations);
  }

  edit(service: SelectingService | undefined): void {
    this.version += 1;
    this.service = service && {
      ...service,
      metadata: { ...service.metadata, resourceVersion: `${this.version}` },
    };
  }

  revert(): void {
    this.isReverted = true;
    this.wasReverted = true;
  }

  setSelector(selector: Selector): void {
    if (this.service === undefined) return;
    if (leadsTo(this.service, GATE.uid)) this.revert();
    this.edit({ ...this.service, spec: { selector } });
  }

  #switch(original: Selector): void {
    const { service } = this;
    if (service === undefined) throw new Error('There is no Service');
    if (!leadsTo(service, GATE.uid)) {
      expect(this.podPorts).toBe(this.ports);
      expect(this.isReverted).toBe(false);
      expect(service.spec?.selector).toEqual(original);
      expect(Object.keys(original)).not.toHaveLength(0);
    }
    const { metadata, ...rest } = switchOf(service, GATE, original) as SelectingService;
    const labels = { ...service.metadata.labels, ...metadata.labels };
    const annotations = { ...service.metadata.annotations, ...metadata.annotations };
    this.edit({ ...service, ...rest, metadata: { ...service.metadata, labels, annotations } });
  }

  #patch(operations: readonly PatchOperation[]): void {
    const copy = structuredClone(this.service) as unknown as Record<string, unknown>;
    for (const { op, path, value } of operations) {
      const names = path
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
      const last = names.pop() ?? '';
      const place = names.reduce((from, name) => from[name] as Record<string, unknown>, copy);
      if (op === 'test') expect(place[last]).toEqual(value);
      else if (op === 'remove') {
        expect(place).toHaveProperty([last]);
        delete place[last];
      } else place[last] = value;
    }
    this.edit(copy as unknown as SelectingService);
  }
}

const without = (of: SelectingService | undefined, map: 'labels' | 'annotations') =>
  of && { ...of, metadata: { ...of.metadata, [map]: {} } };

/** What others may do at any time. */
const EVENTS: Readonly<Record<string, (world: World) => void>> = {
  apply: (world) => world.setSelector(world.wanted),
  merge: (world) => world.setSelector({ ...world.service?.spec?.selector, version: '2' }),
  move: (world) => {
    world.wanted = { app: `postgres-${world.version}` };
    world.setSelector(world.wanted);
  },
  replace: (world) => {
    const { service } = world;
    if (service === undefined) return;
    const { labels: _, annotations: _a, ...metadata } = service.metadata;
    world.edit({ ...service, metadata, spec: { selector: world.wanted } });
    if (leadsTo(service, GATE.uid)) world.revert();
    // Before it is recorded that the gate was in front, nothing tells this from a Service as it always was.
    if (world.record === undefined) world.isReverted = world.wasReverted = false;
  },
  deleteService: (world) => world.edit(undefined),
  createService: (world) => world.createService(),
  removeLabel: (world) => world.edit(without(world.service, 'labels')),
  changePorts: (world) => {
    world.ports += 1;
    if (world.service !== undefined) world.edit({ ...world.service });
  },
  deleteOrigin: (world) => {
    world.originPorts = undefined;
    world.originSelector = undefined;
    world.isProved = false;
  },
  killPods: (world) => {
    world.podPorts = undefined;
  },
  forbid: (world) => {
    world.isAllowed = false;
  },
  allow: (world) => {
    world.isAllowed = true;
  },
  ask: (world) => {
    world.asked += 1;
    world.nonce = `${world.asked}`;
    // Else nothing tells which came first.
    if (world.record?.at === 'Out') world.isReverted = world.wasReverted = false;
  },
  deleteGate: (world) => {
    world.isDeleted = true;
  },
};

const AT_REST = new Set(['nothing', 'stay', 'refuse', 'await']);

/** The operator works, from a new process on, until it has nothing to do or has made so many writes. */
function work(world: World, writes: number): Action {
  let checked: { version: string | undefined; mayFront: boolean } | undefined;
  for (let left = writes; ; ) {
    const version = world.service?.metadata.resourceVersion;
    const mayFront = checked?.version === version ? checked?.mayFront : undefined;
    const action = decide(world.seen(mayFront));
    if (action.do === 'check') checked = { version, mayFront: world.isAllowed };
    else if (AT_REST.has(action.do)) {
      if (!world.prepare(action)) return action;
    } else if (left === 0) return action;
    else {
      world.do(action);
      left -= 1;
    }
  }
}

const event = fc.constantFrom(...Object.keys(EVENTS));
const life = fc.array(fc.tuple(event, fc.nat({ max: 8 })), { maxLength: 12 });

test('a life of any events, with a death of the operator after each', () => {
  fc.assert(
    fc.property(life, fc.nat({ max: 8 }), (events, first) => {
      const world = new World();
      work(world, first);
      for (const [name, writes] of events) {
        EVENTS[name]?.(world);
        work(world, writes);
      }
      expectAtRest(world, work(world, MOST_WRITES));
      EVENTS.deleteGate?.(world);
      expectAtRest(world, work(world, MOST_WRITES));
    }),
    { numRuns: 1_500 },
  );
});

function expectAtRest(world: World, last: Action): void {
  const { service } = world;
  const leads = service !== undefined && leadsTo(service, GATE.uid);
  if (last.do === 'stay' && last.at === 'InFront') {
    expect(leads).toBe(true);
    expect(service && frontingOf(service)).toMatchObject({ gate: GATE });
    expect(service?.metadata.labels).toEqual({ 'chaosgate.dev/gate': GATE.name });
    expect(world.isReverted).toBe(false);
    return;
  }
  expect(['nothing', 'stay', 'refuse']).toContain(last.do);
  if (last.do === 'stay') expect(world.wasReverted).toBe(true);
  if (world.isDeleted) expect(last).toEqual({ do: 'nothing' });
  if (service === undefined) return;
  expect(Object.values(service.spec?.selector ?? {})).not.toContain(OURS);
  expect(Object.keys(service.spec?.selector ?? {})).not.toHaveLength(0);
  expect(frontingOf(service)).toBeUndefined();
  expect(service.metadata.labels ?? {}).toEqual({});
  expect(service.metadata.annotations ?? {}).toEqual({});
}
