import { MAX_PORTS } from '../../api/frontedService.ts';
import { GROUP, KIND } from '../../api/names.ts';
import type { TcpGate } from '../../api/tcpgate.ts';
import type { OperatorConfig } from '../config.ts';
import type { Problem } from '../gateRuntime.ts';
import { controllerOf } from '../ownership.ts';
import { frontingOf } from './handover.ts';
import { CONSENT, CONSENT_ANNOTATION, frontSelectorValue } from './names.ts';
import { type FrontPort, frontPorts, isNamedBy, isTcp } from './ports.ts';
import type { Service } from './service.ts';

/**
 * Why a gate is not put in front of its Service, found out before anything is written. Every reason is documented in
 * docs/in-front-of-a-service.md.
 */

/** Whether gates may be in front of Services, and of which. */
export type FrontSettings = OperatorConfig['services'];

/** What is looked at. */
interface Checked {
  readonly gate: TcpGate;
  /** `spec.service.ports` */
  readonly asked: readonly string[] | undefined;
  readonly service: Service;
  readonly settings: FrontSettings;
  /** The Service as messages call it. */
  readonly name: string;
}

type Check = (checked: Checked) => Problem | undefined;

/** The first thing about the Service itself that is in the way; undefined: nothing. @param service undefined: none is there */
export function serviceProblem(
  gate: TcpGate,
  service: Service | undefined,
  settings: FrontSettings,
): Problem | undefined {
  const { name = '', ports: asked } = gate.spec.service ?? {};
  if (!settings.front) return FRONTING_DISABLED;
  if (service === undefined || service.metadata.deletionTimestamp !== undefined) {
    return problem(
      'ServiceNotFound',
      `There is no Service ${name} in namespace ${gate.metadata.namespace}, or it is being deleted. Create it, or delete the gate and create it with the right spec.service.name`,
    );
  }
  const checked = { gate, asked, service, settings, name: `Service ${name}` };
  for (const check of CHECKS) {
    const found = check(checked);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const FRONTING_DISABLED = problem(
  'FrontingDisabled',
  'This operator puts no gate in front of a Service. Delete the gate and create it with spec.upstream, or ask the administrator to set services.front in the values of the chart',
);

const headless: Check = ({ service, name }) =>
  service.spec?.clusterIP === 'None'
    ? problem(
        'Headless',
        `${name} is headless: its clients connect to the pods themselves, and never through the Service. ${USE_UPSTREAM}`,
      )
    : undefined;

const externalName: Check = ({ service, name }) =>
  service.spec?.type === 'ExternalName'
    ? problem(
        'ExternalName',
        `${name} is a name of another host (type ExternalName), and leads to no pods. Delete the gate, create it with that host in spec.upstream, and point the clients to the gate`,
      )
    : undefined;

const noSelector: Check = ({ service, name }) =>
  Object.keys(service.spec?.selector ?? {}).length === 0
    ? problem(
        'NoSelector',
        `${name} has no selector: somebody writes its endpoints. ${USE_UPSTREAM}`,
      )
    : undefined;

/** Labels that the pods of a gate cannot have, since others give them to these pods. */
const unusableSelector: Check = ({ service, name }) => {
  const key = Object.keys(service.spec?.selector ?? {}).find(
    (one) => one === 'pod-template-hash' || one.startsWith(`${GROUP}/`),
  );
  if (key === undefined) return undefined;
  return problem(
    'UnusableSelector',
    `${name} selects pods by their label ${key}, which a gate's pods have with another value. Select the servers by labels of their own`,
  );
};

const alreadyFronted: Check = ({ gate, service, name }) => {
  const fronting = frontingOf(service);
  const { uid } = gate.metadata;
  if (fronting !== undefined && fronting.gate.uid !== uid) {
    return problem(
      'AlreadyFronted',
      `${name} has gate ${fronting.gate.name} in front of it already. Delete one of the two gates; a gate that is gone is taken off by "chaosgate release ${service.metadata.name}"`,
    );
  }
  const values = Object.values(service.spec?.selector ?? {});
  const others = values.filter((value) => OURS.test(value) && value !== frontSelectorValue(uid));
  if (others.length === 0) return undefined;
  return problem(
    'AlreadyFronted',
    `${name} leads to a gate already, by its selector, and does not tell which (${others[0]}). Give it the selector of its servers, as docs/in-front-of-a-service.md says`,
  );
};

/** The values by which a selector leads to a gate: see `frontSelectorValue`. */
const OURS = /^chaosgate-[0-9a-f]{10}$/;

const rolloutManaged: Check = ({ service, name }) => {
  const { annotations = {} } = service.metadata;
  const isArgo =
    annotations['argo-rollouts.argoproj.io/managed-by-rollouts'] !== undefined ||
    service.spec?.selector?.['rollouts-pod-template-hash'] !== undefined;
  const owner = controllerOf(service);
  const isFlagger = owner?.kind === 'Canary' && owner.apiVersion.startsWith('flagger.app/');
  if (!isArgo && !isFlagger) return undefined;
  return problem(
    'RolloutManaged',
    `${isArgo ? 'Argo Rollouts' : 'Flagger'} changes the selector of ${name} while it rolls out. ${USE_UPSTREAM}`,
  );
};

const ownedByController: Check = ({ service, name }) => {
  const owner = controllerOf(service);
  if (owner === undefined) return undefined;
  if (owner.kind === KIND) {
    return problem(
      'OwnedByController',
      `${name} belongs to gate ${owner.name}. Delete the gate and create it with the name of the Service of the servers in spec.service.name`,
    );
  }
  return problem(
    'OwnedByController',
    `${name} belongs to ${owner.kind} ${owner.name}, whose controller would put its selector back. ${USE_UPSTREAM}`,
  );
};

const notTcp: Check = ({ service, name }) => {
  const other = service.spec?.ports?.find((port) => !isTcp(port));
  if (other === undefined) return undefined;
  return problem(
    'NotTcp',
    `Port ${other.port} of ${name} is ${other.protocol}, and a gate carries TCP alone: all ports of a Service lead to the same pods. Give the TCP ports a Service of their own`,
  );
};

const ports: Check = ({ asked = [], service, name }) => {
  const there = service.spec?.ports ?? [];
  if (there.length > MAX_PORTS) {
    return problem(
      'TooManyPorts',
      `${name} has ${there.length} ports, and a gate serves at most ${MAX_PORTS}. Give the ports that faults are for a Service of their own`,
    );
  }
  const unknown = asked.find((one) => !there.some((port) => isNamedBy(port, one)));
  if (unknown === undefined) return undefined;
  const known = there.map((port) => port.name ?? String(port.port)).join(', ');
  return problem(
    'PortNotFound',
    `spec.service.ports: ${name} has no port ${unknown}. It has ${known}. Delete the gate and create it with these`,
  );
};

/** What comes to the pods does not tell which port of the Service it was sent to. */
const sharedTarget: Check = ({ asked, service, name }) => {
  const all = frontPorts(service.spec?.ports ?? [], asked);
  const untouchedBeside = ({ listen }: FrontPort) =>
    all.find((other) => other.listen === listen && !other.faults);
  const one = all.find((port) => port.faults && untouchedBeside(port) !== undefined);
  const other = one && untouchedBeside(one);
  if (one === undefined || other === undefined) return undefined;
  return problem(
    'SharedTarget',
    `spec.service.ports names port ${one.port} of ${name} and not port ${other.port}, but both lead to ${one.targetPort} of the pods. Delete the gate and create it with both, or with neither`,
  );
};

const sessionAffinity: Check = ({ service, name }) =>
  service.spec?.sessionAffinity === 'ClientIP'
    ? problem(
        'SessionAffinity',
        `${name} leads each client to one server (sessionAffinity: ClientIP), and behind a gate all clients have the address of the gate. Set sessionAffinity to None for the time of the experiment`,
      )
    : undefined;

const localTrafficPolicy: Check = ({ service, name }) => {
  const { internalTrafficPolicy, externalTrafficPolicy } = service.spec ?? {};
  const field =
    internalTrafficPolicy === 'Local'
      ? 'internalTrafficPolicy'
      : externalTrafficPolicy === 'Local'
        ? 'externalTrafficPolicy'
        : undefined;
  if (field === undefined) return undefined;
  return problem(
    'LocalTrafficPolicy',
    `${name} leads clients to pods of their own node alone (${field}: Local), and a gate does not run on every node. Set ${field} to Cluster for the time of the experiment`,
  );
};

/** Who puts a Service back as it is in a repository, by what it writes on it. */
const GITOPS: readonly {
  readonly tool: string;
  readonly marks: readonly string[];
  readonly manager: string;
}[] = [
  {
    tool: 'Argo CD',
    marks: ['argocd.argoproj.io/tracking-id'],
    manager: 'argocd-controller',
  },
  {
    tool: 'Flux',
    marks: ['kustomize.toolkit.fluxcd.io/name'],
    manager: 'kustomize-controller',
  },
  {
    tool: 'Flux',
    marks: ['helm.toolkit.fluxcd.io/name'],
    manager: 'helm-controller',
  },
];

const gitOpsManaged: Check = ({ service, name }) => {
  const { annotations = {}, labels = {}, managedFields = [] } = service.metadata;
  const found = GITOPS.find(
    ({ marks, manager }) =>
      marks.some((mark) => annotations[mark] !== undefined || labels[mark] !== undefined) ||
      managedFields.some((entry) => entry.manager === manager),
  );
  if (found === undefined || isAllowed(service)) return undefined;
  return problem(
    'GitOpsManaged',
    `${found.tool} keeps ${name} as it is in a repository, and would put its selector back. Commit the annotation ${CONSENT_ANNOTATION}: ${CONSENT} of the Service there, together with the rule that ignores its selector: see docs/in-front-of-a-service.md`,
  );
};

const consent: Check = ({ service, name, settings }) =>
  settings.requireConsent && !isAllowed(service)
    ? problem(
        'ConsentRequired',
        `In this cluster the owner of a Service has to allow a gate in front of it: annotate ${name} with ${CONSENT_ANNOTATION}: ${CONSENT}`,
      )
    : undefined;

function isAllowed({ metadata }: Service): boolean {
  return metadata.annotations?.[CONSENT_ANNOTATION] === CONSENT;
}

/** In this order: what nothing but another Service helps against comes first. */
const CHECKS: readonly Check[] = [
  externalName,
  headless,
  noSelector,
  rolloutManaged,
  ownedByController,
  unusableSelector,
  alreadyFronted,
  notTcp,
  ports,
  sharedTarget,
  sessionAffinity,
  localTrafficPolicy,
  gitOpsManaged,
  consent,
];

const USE_UPSTREAM =
  'Delete the gate, create it with spec.upstream, and point the clients to the gate';

function problem(reason: string, message: string): Problem {
  return { terminal: true, reason, message };
}
