import { badRequest, type StatusError } from '../errors.ts';
import { labelValueProblems, qualifiedNameProblems } from '../metadata/names.ts';

type Operator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt' | 'exists' | '!';

/** One term of a label selector. */
export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

const EXPECTED = 'in, notin, =, ==, !=, gt, lt';
const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/g;

/** Reads the terms of a label selector. Throws a 400 in the words of a real API server. */
export function parseRequirements(text: string): Requirement[] {
  return new Parser(text).requirements();
}

class Parser {
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(TOKEN)].map(([, token = '']) => token);
  }

  requirements(): Requirement[] {
    const found: Requirement[] = [];
    while (this.#peek() !== '') {
      found.push(checked(this.#requirement()));
      const next = this.#next();
      if (next === '') break;
      if (next !== ',') throw unparsable(`found '${next}', expected: ',' or 'end of string'`);
      if (this.#peek() === '') throw unparsable("found '', expected: identifier after ','");
    }
    return found;
  }

  #requirement(): Requirement {
    if (this.#peek() === '!') {
      this.#next();
      return { key: this.#identifier(), operator: '!', values: [] };
    }
    const key = this.#identifier();
    if (['', ','].includes(this.#peek())) return { key, operator: 'exists', values: [] };
    const operator = OPERATORS[this.#peek()];
    if (operator === undefined) {
      throw unparsable(`found '${this.#peek()}', expected: ${EXPECTED}`);
    }
    this.#next();
    if (operator === 'in' || operator === 'notin') {
      return { key, operator, values: this.#list() };
    }
    const value = ['', ','].includes(this.#peek()) ? '' : this.#next();
    return { key, operator, values: [value] };
  }

  #identifier(): string {
    const token = this.#next();
    if (token === '' || SYMBOLS.includes(token)) {
      throw unparsable(`found '${token}', expected: identifier`);
    }
    return token;
  }

  #list(): string[] {
    if (this.#next() !== '(') throw unparsable("found '', expected: '('");
    const values: string[] = [];
    let value = '';
    for (;;) {
      const token = this.#next();
      if (token === '') throw unparsable("found '', expected: ',' or ')'");
      if (token !== ',' && token !== ')') {
        value = token;
        continue;
      }
      values.push(value);
      value = '';
      if (token === ')') return values;
    }
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }
}

const SYMBOLS = ['=', '==', '!=', '!', '<', '>', '(', ')', ','];
const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  in: 'in',
  notin: 'notin',
  '<': 'lt',
  '>': 'gt',
};

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const [badKey] = qualifiedNameProblems(key);
  if (badKey !== undefined) {
    throw unparsable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${badKey}`);
  }
  for (const [index, value] of values.entries()) {
    const [bad] = labelValueProblems(value);
    if (bad !== undefined) {
      throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${bad}`);
    }
    if ((operator === 'gt' || operator === 'lt') && !/^-?\d+$/.test(value)) {
      const why = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw unparsable(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${why}`);
    }
  }
  return requirement;
}

function unparsable(why: string): StatusError {
  return badRequest(`unable to parse requirement: ${why}`);
}
