import { type EscapeAttempt, javascript, python, shell, succeeds } from './attempt.ts'

/** Attempts to reach a network, or a socket. */
export const NETWORK: readonly EscapeAttempt[] = [
  python(
    'connects to this machine',
    ({ port }) => `
import socket
connection = socket.create_connection(('127.0.0.1', ${port}), 2)
if b'secret' in connection.recv(100): print('ESCAPED')
`,
  ),
  python(
    'sends a datagram to this machine',
    ({ port }) => `
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'escaped', ('127.0.0.1', ${port}))
`,
    false,
  ),
  python(
    'connects to an abstract socket',
    ({ socket }) => `
import socket
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(2)
connection.connect('\\0${socket}')
if b'secret' in connection.recv(100): print('ESCAPED')
`,
  ),
  shell('sees an interface beside loopback', () => succeeds("grep -E '^ *(eth|en|wl|docker)' /proc/net/dev"), false),
  shell('asks a name server', () => succeeds('getent hosts example.com'), false),
  shell(
    'finds the socket of docker',
    () => succeeds('test -S /var/run/docker.sock || test -S /run/docker.sock'),
    false,
  ),
  python(
    'opens a raw socket',
    () => `
import socket
socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3)
print('ESCAPED')
`,
    false,
  ),
  python(
    'connects to a socket in a folder',
    ({ socketFile }) => `
import socket
connection = socket.socket(socket.AF_UNIX)
connection.settimeout(2)
connection.connect('${socketFile}')
if b'secret' in connection.recv(100): print('ESCAPED')
`,
  ),
  javascript(
    'connects to this machine',
    ({ port }) => `
require('node:net').connect(${port}, '127.0.0.1').on('error', () => {}).on('data', () => console.log('ESCAPED'))
`,
  ),
  javascript(
    'connects to a socket in a folder',
    ({ socketFile }) => `
require('node:net').connect(${JSON.stringify(socketFile)}).on('error', () => {}).on('data', () => console.log('ESCAPED'))
`,
  ),
  javascript(
    'sends a datagram to this machine',
    ({ port }) => `
const socket = require('node:dgram').createSocket('udp4')
socket.send('escaped', ${port}, '127.0.0.1', () => socket.close())
`,
    false,
  ),
  python(
    'asks a name server by a datagram',
    () => `
import socket
query = bytes.fromhex('00010100000100000000000007') + b'example' + bytes.fromhex('03') + b'com' + bytes.fromhex('0000010001')
asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asked.settimeout(1)
asked.sendto(query, ('127.0.0.53', 53))
asked.sendto(query, ('8.8.8.8', 53))
if asked.recv(100): print('ESCAPED')
`,
    false,
  ),
]
