import type { ServicePort } from './service.ts';

/** A TCP port of a fronted Service, and how the gate's pods serve it. */
export interface FrontPort {
  /** Of the port in the Service; a Service with one port may give it none. */
  readonly name: string | undefined;
  /** That clients connect to, and that the gate connects to at the origin Service. */
  readonly port: number;
  /** Port of the server's pods: a number, or the name of a port of their containers. */
  readonly targetPort: number | string;
  /** Port of the gate's pods: the number of `targetPort`, or any for a name. */
  readonly listen: number;
  /** Name of the port in the gate's containers, by which the Service finds it. */
  readonly containerPortName: string | undefined;
  /** Whether the gate's faults touch it. */
  readonly faults: boolean;
}

/** Ports of the gate's own that no Service leads to. */
export interface OwnPorts {
  readonly control: number;
  readonly http: number;
}

/** From here on named targets get numbers: above 1023, so that they take no privilege. */
const FIRST_NAMED = 10_000;

/** From here on the gate has its own ports. */
const FIRST_OWN = 15_000;

/** A process without privileges listens on none below (ip-sysctl, ip_unprivileged_port_start). */
const FIRST_UNPRIVILEGED = 1_024;

/**
 * The TCP ports of a Service as the gate's pods serve them. Ports with one target share a `listen`: what comes to the
 * pods does not tell which port of the Service it was sent to.
 *
 * @param asked `spec.service.ports`: names or numbers of the ports that faults touch; undefined: all
 */
export function frontPorts(
  ports: readonly ServicePort[],
  asked: readonly string[] | undefined,
): FrontPort[] {
  const tcp = ports.filter(isTcp);
  const targets = [...new Set(tcp.map(targetOf))];
  const numbers = new Set(targets.filter((target) => typeof target === 'number'));
  const names = targets.filter((target) => typeof target === 'string');
  const free = freeFrom(FIRST_NAMED, numbers, names.length);
  const listens = new Map(names.map((name, index) => [name, free[index] ?? FIRST_NAMED]));
  return tcp.map((port) => {
    const targetPort = targetOf(port);
    const isNamed = typeof targetPort === 'string';
    return {
      name: port.name,
      port: port.port,
      targetPort,
      listen: isNamed ? (listens.get(targetPort) ?? FIRST_NAMED) : targetPort,
      containerPortName: isNamed ? targetPort : undefined,
      faults: asked === undefined || asked.some((one) => isNamedBy(port, one)),
    };
  });
}

/** TCP is what a port has that says nothing. */
export function isTcp({ protocol = 'TCP' }: ServicePort): boolean {
  return protocol === 'TCP';
}

/** Whether that entry of `spec.service.ports` means the port. */
export function isNamedBy({ name, port }: ServicePort, asked: string): boolean {
  return name === asked || String(port) === asked;
}

/** Ports for control and HTTP beside those of the Service. */
export function ownPorts(ports: readonly FrontPort[]): OwnPorts {
  const taken = new Set(ports.map(({ listen }) => listen));
  const [control = FIRST_OWN, http = FIRST_OWN + 1] = freeFrom(FIRST_OWN, taken, 2);
  return { control, http };
}

/** The ports in a proxy's snapshot: each that it listens on once. */
export function snapshotPorts(
  ports: readonly FrontPort[],
): { readonly listen: number; readonly upstream: number; readonly faults: boolean }[] {
  return distinct(ports).map(({ listen, port, faults }) => ({ listen, upstream: port, faults }));
}

/** Of ports that share a `listen`, the first. */
export function distinct(ports: readonly FrontPort[]): FrontPort[] {
  return ports.filter(
    ({ listen }, index) => ports.findIndex((other) => other.listen === listen) === index,
  );
}

/**
 * The lowest port that the gate's pods have to be allowed to listen on without privileges; undefined when every process
 * may listen on all of them.
 */
export function privilegedFrom(ports: readonly FrontPort[]): number | undefined {
  const lowest = Math.min(...ports.map(({ listen }) => listen));
  return lowest < FIRST_UNPRIVILEGED ? lowest : undefined;
}

/** As the API server fills it in. */
function targetOf({ port, targetPort = port }: ServicePort): number | string {
  return targetPort === 0 || targetPort === '' ? port : targetPort;
}

function freeFrom(first: number, taken: ReadonlySet<number>, count: number): number[] {
  const found: number[] = [];
  for (let port = first; found.length < count; port += 1) if (!taken.has(port)) found.push(port);
  return found;
}
