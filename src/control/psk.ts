import type { TlsOptions } from 'node:tls';

/** Bytes of a gate's key: what the cipher's own key has (RFC 7905). */
export const KEY_BYTES = 32;

/**
 * TLS with a key that both ends hold beforehand: proves both, is forward secret (ECDHE) and needs no
 * certificate (RFC 5489, RFC 7905). TLS 1.2, because Node offers no external PSK for TLS 1.3.
 */
export const PSK_TLS = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const satisfies TlsOptions;
