import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateConfig } from '../../../src/gate/config.ts';
import { mistakeOfHost } from '../../../src/gate/host.ts';

const LONGEST_LABEL = 'a'.repeat(63);

describe('a host', () => {
  test.each([
    'redis',
    'Redis',
    'redis.staging.svc.cluster.local',
    'redis.example.com.',
    'my_db',
    '_ldap._tcp.example.com',
    '3com.com',
    'a--b',
    'xn--mnchen-3ya.de',
    `${LONGEST_LABEL}.${LONGEST_LABEL}`,
    '127.0.0.1',
    '0.0.0.0',
    '::',
    '::1',
    'fe80::1',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '::ffff:127.0.0.1',
    '64:ff9b::192.0.2.33',
  ])('may be %s', (host) => {
    expect(mistakeOfHost(host)).toBeUndefined();
  });

  test.each([
    ['redis:6379', 'port'],
    ['127.0.0.1:7001', 'port'],
    ['redis:', 'port'],
    ['redis:http', 'port'],
    ['[::1]:6379', 'port'],
    ['[::1]', 'brackets'],
    ['http://redis', 'URL'],
    ['redis://[::1]:6379/0', 'URL'],
    [':::', 'IPv6'],
    ['1::2::3', 'IPv6'],
    ['1:2:3:4:5:6:7:8:9', 'IPv6'],
    ['1:2:3:4:5:6:7:8::', 'IPv6'],
    ['12345::', 'IPv6'],
    ['::999.1.1.1', 'IPv6'],
    ['fe80::1%eth0', 'zone'],
    ['999.1.1.1', 'IPv4'],
    ['1.2.3', 'IPv4'],
    ['127.1', 'IPv4'],
    ['1.2.3.4.5', 'IPv4'],
    ['010.0.0.1', 'IPv4'],
    ['127.0.0.1.', 'IPv4'],
    ['0x7f.1', 'IPv4'],
    ['0x7f000001', 'IPv4'],
    ['2130706433', 'IPv4'],
    ['redis.1', 'IPv4'],
    ['a..b', 'empty label'],
    ['.redis', 'empty label'],
    ['.', 'empty label'],
    ['redis..', 'empty label'],
    ['my redis', 'spaces'],
    ['redis ', 'spaces'],
    ['redis\n', 'spaces'],
    ['münchen.de', 'Punycode'],
    ['redis/0', 'letters'],
    ['user@redis', 'letters'],
    ['10.0.0.0/8', 'letters'],
    [`${LONGEST_LABEL}a.example.com`, '63'],
    ['-redis', '"-"'],
    ['redis-', '"-"'],
    ['redis-.example.com', '"-"'],
  ])('may not be %j: %s', (host, word) => {
    expect(mistakeOfHost(host)).toContain(word);
    const { error } = gateConfig.safeParse({ upstream: { host, port: 1 } });
    expect(error?.issues).toMatchObject([
      { path: ['upstream', 'host'], message: mistakeOfHost(host) },
    ]);
  });

  test('is an address exactly if Node.js takes it for one, but for zones', () => {
    const group = fc.oneof(
      fc.constantFrom('', '0', 'ffff', '10000', 'g', '255', '256', '01'),
      fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16)),
    );
    const octet = fc.oneof(fc.integer({ min: 0, max: 300 }).map(String), fc.constantFrom('', '01'));
    const ipv4 = fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
    const groups = fc.array(group, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(':'));
    const ipv6 = fc
      .tuple(
        fc.oneof(groups, fc.constant('')),
        fc.constantFrom('::', ':', ''),
        fc.oneof(groups, ipv4, fc.constant('')),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6, fc.ipV6(), fc.ipV4()), (text) => {
        const isAddress = mistakeOfHost(text) === undefined && /[:.]/.test(text);
        // What has a letter behind its last dot is a name.
        fc.pre(isIP(text) !== 0 || !/^[0-9a-z.]*[g-z][0-9a-z]*$/.test(text));
        expect(isAddress).toBe(isIP(text) !== 0);
      }),
      { numRuns: 5_000 },
    );
  });
});
