import { type JsonObject, textIn } from '../../json/json.ts';
import { parseRequirements, type Requirement } from './labelParser.ts';

export type LabelSelector = (labels: JsonObject) => boolean;

/** Reads a label selector such as `app=x,tier in (a,b),!canary`. Throws a 400 in the words of a real API server. */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = parseRequirements(text);
  return (labels) => requirements.every((requirement) => holds(requirement, labels));
}

function holds({ key, operator, values }: Requirement, labels: JsonObject): boolean {
  const value = Object.hasOwn(labels, key) ? textIn(labels, key) : undefined;
  const [wanted = ''] = values;
  const isWhole = value !== undefined && /^-?\d+$/.test(value);
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
      return value === wanted;
    case '!=':
      return value !== wanted;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
      return isWhole && Number(value) > Number(wanted);
    case 'lt':
      return isWhole && Number(value) < Number(wanted);
  }
}
