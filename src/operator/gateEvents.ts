import { API_VERSION, KIND } from '../api/names.ts';
import { EventRecorder, type EventRecorderOptions } from '../kube/eventRecorder.ts';
import type { ObjectMeta } from '../kube/objects.ts';
import { MANAGER } from './desired/common.ts';
import type { EventContent } from './events.ts';

export type GateEventsOptions = Omit<EventRecorderOptions, 'controller'>;

/** Records Events of gates. */
export class GateEvents {
  readonly #recorder: EventRecorder;

  constructor(options: GateEventsOptions) {
    this.#recorder = new EventRecorder({ ...options, controller: MANAGER });
  }

  record(gate: ObjectMeta, events: readonly EventContent[]): void {
    for (const event of events) {
      this.#recorder.record(
        { apiVersion: API_VERSION, kind: KIND, ...gate },
        { ...event, action: 'Reconcile' },
      );
    }
  }

  /** Records an Event on a ConfigMap that is a lever. */
  recordLeverEvent(lever: ObjectMeta, event: EventContent): void {
    this.#recorder.record(
      { apiVersion: 'v1', kind: 'ConfigMap', ...lever },
      { ...event, action: 'Reconcile' },
    );
  }

  /** Writes pending Events; see `EventRecorder.stop`. */
  stop(): Promise<void> {
    return this.#recorder.stop();
  }
}
