import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kernelMemory, kernelNote, parseKernelMemory } from '../gate/support/kernelMemory.ts';

const SOCKSTAT = `sockets: used 33
TCP: inuse 4 orphan 1 tw 36 alloc 674 mem 568000
UDP: inuse 0 mem 0
`;
const MEMORY = {
  used: expect.any(Number),
  pressure: expect.any(Number),
  limit: expect.any(Number),
};
const TCP_MEM = '287901\t383868\t575802\n';

test('a test that waited for bytes without success says when the kernel is short of memory for TCP', () => {
  expect(kernelNote(parseKernelMemory(SOCKSTAT, TCP_MEM))).toContain(
    '568000 pages of at most 575802, and it slows them down from 383868 on',
  );
});

test.each([
  ['when it has enough', SOCKSTAT.replace('568000', '12'), TCP_MEM],
  ['where the system does not tell', '', ''],
])('%s it says nothing of it', (_, sockstat, tcpMem) => {
  expect(kernelNote(parseKernelMemory(sockstat, tcpMem))).toBe('');
});

test('it tells as much as the system does', () => {
  // Linux lists tcp_mem in the first network namespace alone, and tests may run in another one.
  const tells = existsSync('/proc/net/sockstat') && existsSync('/proc/sys/net/ipv4/tcp_mem');
  expect(kernelMemory()).toEqual(tells ? MEMORY : undefined);
});
