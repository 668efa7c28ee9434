import { API_VERSION, KIND } from '../api/names.ts';
import { EventRecorder, type EventRecorderOptions } from '../kube/eventRecorder.ts';
import type { ObjectMeta } from '../kube/objects.ts';
import { MANAGER } from './desired/common.ts';
import type { Happening } from './events.ts';

export type GateEventsOptions = Omit<EventRecorderOptions, 'controller'>;

/** Tells of gates by Events. */
export class GateEvents {
  readonly #recorder: EventRecorder;

  constructor(options: GateEventsOptions) {
    this.#recorder = new EventRecorder({ ...options, controller: MANAGER });
  }

  tell(gate: ObjectMeta, found: readonly Happening[]): void {
    for (const happening of found) {
      this.#recorder.record(
        { apiVersion: API_VERSION, kind: KIND, ...gate },
        { ...happening, action: 'Reconcile' },
      );
    }
  }

  /** Tells of a ConfigMap that is a lever. */
  tellOfLever(lever: ObjectMeta, happening: Happening): void {
    this.#recorder.record(
      { apiVersion: 'v1', kind: 'ConfigMap', ...lever },
      { ...happening, action: 'Reconcile' },
    );
  }

  /** Writes what there is to write; see `EventRecorder.stop`. */
  stop(): Promise<void> {
    return this.#recorder.stop();
  }
}
