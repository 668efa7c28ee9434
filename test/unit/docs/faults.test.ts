import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultsPage } from '../../../scripts/faultsPage/page.ts';
import { stampIn, stampOf } from '../../../scripts/pictures/stamp.ts';
import { gateConfig } from '../../../src/gate/config.ts';
import type { Fault } from '../../../src/gate/faults/fault.ts';
import { faults } from '../../../src/gate/faults/registry.ts';

const PICTURES = join(import.meta.dirname, '../../../docs/faults');
const FAULTS = Object.entries(faults as Record<string, Fault>);
const SENTENCE = /^[A-Z`].*[.)]$/;

describe.each(FAULTS)('the documentation of %s', (name, fault) => {
  const { docs } = fault;

  test('is complete: where it comes from, what each end sees, what to look out for', () => {
    for (const text of [docs.cause, docs.sender, docs.receiver, ...docs.pitfalls]) {
      expect(text).toMatch(SENTENCE);
    }
    expect(docs.pitfalls.length).toBeGreaterThan(0);
  });

  test('has an example that is valid', () => {
    const { direction, settings } = docs.example;
    const config = gateConfig.parse({
      upstream: { host: 'server', port: 1 },
      [direction]: { [name]: settings },
    });
    expect(config[direction]).toMatchObject({ [name]: settings });
  });

  test('has a picture that was drawn for its schema and its example (npm run pictures)', () => {
    const picture = readFileSync(join(PICTURES, `${name}.svg`), 'utf8');
    expect(stampIn(picture)).toBe(stampOf(fault));
  });

  test('stands in the page', () => {
    const page = faultsPage();
    expect(page).toContain(`\n## ${name}\n`);
    expect(page).toContain(`(faults/${name}.svg)`);
  });
});

test('no picture is left of a fault that is gone', () => {
  const names = readdirSync(PICTURES).map((file) => file.replace(/\.svg$/, ''));
  expect(names.sort()).toEqual(Object.keys(faults).sort());
});

test('another schema or another example asks for another picture, another wording does not', () => {
  const { delay, drop } = faults;
  const reworded = { ...delay, schema: delay.schema.describe('In other words.') };
  expect(stampOf(reworded as Fault)).toBe(stampOf(delay as Fault));
  expect(stampOf({ ...delay, schema: drop.schema } as Fault)).not.toBe(stampOf(delay as Fault));
  const example = { direction: 'toServer', settings: { milliseconds: 1 } };
  const changed = { ...delay, docs: { ...delay.docs, example } };
  expect(stampOf(changed as Fault)).not.toBe(stampOf(delay as Fault));
});
