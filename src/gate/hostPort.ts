/** `host:port`, of which an IPv6 host is in brackets (RFC 3986, 3.2.2). */
export function joinHostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The parts of `host:port`. */
export function splitHostPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':');
  return { host: withoutBrackets(address.slice(0, colon)), port: Number(address.slice(colon + 1)) };
}

/** Whether a port is written behind a host. */
export function hasPort(text: string): boolean {
  return /^[^:]*:[^:/]*$|^\[.*\]:/.test(text);
}

/** `::1` of `[::1]`. */
export function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*:.*)\]$/, '$1');
}
