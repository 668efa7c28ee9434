/** Regular expressions as messages name them. */
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE = `(${QUALIFIED})?`;

const MUST = 'and must start and end with an alphanumeric character (e.g.';

/** What is wrong with a DNS subdomain (RFC 1123): the name of most objects. */
export function subdomainProblems(name: string): string[] {
  const problems = name.length > 253 ? ['must be no more than 253 characters'] : [];
  if (matches(SUBDOMAIN, name)) return problems;
  return [
    ...problems,
    `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${MUST} 'example.com', regex used for validation is '${SUBDOMAIN}')`,
  ];
}

/** Whether it is a DNS label (RFC 1123): what a namespace is called. */
export function isLabel(name: string): boolean {
  return name.length <= 63 && matches(LABEL, name);
}

/** What is wrong with the key of a label or an annotation: `name` or `prefix/name`. */
export function qualifiedNameProblems(key: string): string[] {
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', ${MUST} 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  if (parts.length === 2) {
    const [prefix = ''] = parts;
    const wrong = prefix === '' ? ['must be non-empty'] : subdomainProblems(prefix);
    problems.push(...wrong.map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  else if (name.length > 63) problems.push('name part must be no more than 63 characters');
  if (!matches(QUALIFIED, name)) {
    problems.push(
      `name part must consist of alphanumeric characters, '-', '_' or '.', ${MUST} 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`,
    );
  }
  return problems;
}

export function labelValueProblems(value: string): string[] {
  const problems = value.length > 63 ? ['must be no more than 63 characters'] : [];
  if (matches(VALUE, value)) return problems;
  return [
    ...problems,
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${MUST} 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${VALUE}')`,
  ];
}

const compiled = new Map(
  [LABEL, SUBDOMAIN, QUALIFIED, VALUE].map((pattern) => [pattern, new RegExp(`^(?:${pattern})$`)]),
);

function matches(pattern: string, text: string): boolean {
  // Much longer than any name may be; the rest changes nothing.
  return compiled.get(pattern)?.test(text.slice(0, 10_000)) ?? false;
}
