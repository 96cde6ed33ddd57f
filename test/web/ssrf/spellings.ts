/** Spellings of 127.0.0.N that URLs, systems or libraries take for that address; each names the whole authority but the port. */
const LOOPBACK: readonly ((last: number) => string)[] = [
  (n) => `127.0.0.${n}`,
  (n) => `127.0.0.${n}.`,
  // one, two and three parts
  (n) => `127.${n}`,
  (n) => `127.0.${n}`,
  (n) => String(0x7f000000 + n),
  (n) => `${0x7f000000 + n}.`,
  // hexadecimal
  (n) => `0x7f00000${n}`,
  (n) => `0X7F00000${n}`,
  (n) => `0x7f.${n}`,
  (n) => `0x7f.0x0.0x0.0x${n}`,
  (n) => `127.0x0.0.0x${n}`,
  (n) => `0x0000000000000000007f00000${n}`,
  // octal
  (n) => `0177.0.0.0${n}`,
  (n) => `0177.${n}`,
  (n) => `0${(0x7f000000 + n).toString(8)}`,
  (n) => `00000177.0.0.${n}`,
  (n) => `0177.0x0.0.${n}`,
  // escaped
  (n) => `%31%32%37.0.0.${n}`,
  (n) => `127%2e0%2e0%2e${n}`,
  (n) => `%30x7f.${n}`,
  // digits and dots of other scripts
  (n) => `１２７.０.０.${n}`,
  (n) => `127。0。0。${n}`,
  (n) => `127．0．0．${n}`,
  (n) => `127｡0｡0｡${n}`,
  (n) => `①②⑦.⓪.⓪.${n}`,
  (n) => `𝟏𝟐𝟕.𝟎.𝟎.${n}`,
  (n) => `𝟣𝟤𝟩.𝟢.𝟢.${n}`,
  (n) => `０ｘ７ｆ.${n}`,
  (n) => `12\u00ad7.0.0.${n}`,
  (n) => `127.0.0.${n}\u200b`,
  // within IPv6
  (n) => `[::ffff:127.0.0.${n}]`,
  (n) => `[::ffff:7f00:${n}]`,
  (n) => `[::FFFF:7F00:000${n}]`,
  (n) => `[0:0:0:0:0:ffff:7f00:${n}]`,
  (n) => `[0000:0000:0000:0000:0000:ffff:127.0.0.${n}]`,
]

/** Spellings that any server on loopback, or a gateway, may answer to. */
const OTHERS: readonly string[] = [
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'local\u00adhost',
    '%6cocalhost',
    'x.localhost',
  ],
  ...['127.255.255.254', '127.127.127.127', '2147483646', '0', '0.0.0.0', '0x0', '00', '0.', '0.0', '000.000.000.000'],
  ...['[::1]', '[0:0:0:0:0:0:0:1]', '[0000::0001]', '[::]', '[::0]', '[::0.0.0.1]'],
  // carried by IPv6: IPv4-compatible, translated, NAT64, 6to4, Teredo, ISATAP
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[::ffff:0:7f00:1]', '[64:ff9b::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:7f00:0001::1]', '[2001:0:7f00:1::]'],
  ...['[2606:4700::5efe:127.0.0.1]', '[fe80::5efe:7f00:1]'],
]

/** Addresses of metadata services, private networks and other places that are not public. */
const ELSEWHERE: readonly string[] = [
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '169.254.43518', '169.16689662'],
  ...[
    '[::ffff:a9fe:a9fe]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
    '[fd00:ec2::254]',
  ],
  ...['100.100.100.200', '192.0.0.192', '168.63.129.16', '169.254.170.2', '１６９.２５４.１６９.２５４'],
  ...[
    '10.0.0.1',
    '167772161',
    '172.16.0.1',
    '192.168.0.1',
    '0300.0250.0.1',
    '100.64.0.1',
    '[fc00::1]',
    '[fd12:3456::1]',
  ],
  ...['[fe80::1]', '[fec0::1]', '224.0.0.1', '[ff02::1]', '255.255.255.255', '240.0.0.1', '198.18.0.1', '192.0.2.1'],
]

/** Names by what a name server answers. `rebound.test` answers the open address once, and then the closed one. */
export const ANSWERS: { readonly [name: string]: readonly string[] } = {
  'open.test': ['127.0.0.2'],
  'closed.test': ['127.0.0.1'],
  'mixed.test': ['127.0.0.2', '127.0.0.1'],
  'mixed-last.test': ['127.0.0.1', '127.0.0.2'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'six.test': ['::1'],
  'translated.test': ['64:ff9b::7f00:1'],
  'metadata.test': ['169.254.169.254'],
  '127.0.0.1.nip.test': ['127.0.0.1'],
  'xn--bcher-kva.test': ['127.0.0.1'],
  localhost: ['127.0.0.1', '::1'],
  'x.localhost': ['127.0.0.1'],
}

const NAMES = [
  ...Object.keys(ANSWERS).filter((name) => /^(?!open|.*localhost)/.test(name)),
  'bücher.test',
  'CLOSED.TEST',
  'closed.test.',
  'closed。test',
]

/** All hosts that are closed, each under which a server on this machine may be found. */
export const CLOSED_HOSTS: readonly string[] = [...LOOPBACK.map((of) => of(1)), ...OTHERS, ...NAMES, ...ELSEWHERE]

/** The hosts of the open address, spelled in the same ways. */
export const OPEN_HOSTS: readonly string[] = [...LOOPBACK.map((of) => of(2)), 'open.test', 'OPEN.TEST.', 'open。test']

/** Whole URLs that lead to the closed port, past a reader of URLs who trusts the look of them, or to no server at all. */
export const closedUrls = (port: number, openPort: number): readonly string[] => [
  ...CLOSED_HOSTS.map((host) => `http://${host}:${port}/spelled`),
  ...['ftp', 'gopher', 'dict', 'ws', 'wss', 'ldap'].map((scheme) => `${scheme}://127.0.0.1:${port}/spelled`),
  `http:127.0.0.1:${port}/spelled`,
  `http:/127.0.0.1:${port}/spelled`,
  `http:///127.0.0.1:${port}/spelled`,
  `http:\\\\127.0.0.1:${port}\\spelled`,
  `ht\ntp://127.0.0.\t1:${port}/spelled`,
  ` http://127.0.0.1:${port}/spelled `,
  `HTTP://127.0.0.1:0${port}/spelled`,
  `http://user@127.0.0.1:${port}/spelled`,
  `http://127.0.0.2:${openPort}@127.0.0.1:${port}/spelled`,
  `http://open.test%23@127.0.0.1:${port}/spelled`,
  `http://127.0.0.1:${port}\\@127.0.0.2:${openPort}/spelled`,
  `http://127.0.0.1:${port}#@127.0.0.2:${openPort}/`,
  `http://127.0.0.1:${port}?@127.0.0.2:${openPort}/`,
  `https://127.0.0.1:${port}/spelled`,
  ...['file:///etc/passwd', 'file://127.0.0.1/etc/passwd', 'data:text/html,<p>x', 'about:blank', 'javascript:1'],
  ...['blob:http://127.0.0.2/x', 'filesystem:http://127.0.0.2/x', 'jar:http://127.0.0.1!/x', 'chrome://version'],
  `view-source:http://127.0.0.1:${port}/spelled`,
  ...[
    '//127.0.0.1/',
    '127.0.0.1',
    '/etc/passwd',
    'http://',
    'http://[::1',
    'http://127.0.0.1:99999/',
    'http://1.2.3.256/',
  ],
]
