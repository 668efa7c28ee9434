import { tcpGateCrd } from '../api/crd.ts';
import { customKind } from '../kubeapi/kinds/customKind.ts';
import { brokenRules } from './brokenRules.ts';

/** TcpGates, as the CRD defines them. */
export const tcpGates = customKind(tcpGateCrd(), brokenRules);
