/**
 * One attempt to exhaust the machine. The command gets one more argument, `$0` of a shell: a number of seconds that no
 * other command has. A process that still has it is one that the command left behind.
 */
export type Bomb = { readonly name: string; readonly command: readonly [string, ...string[]] }

/**
 * Attempts to exhaust this machine. Each must end at most one second after its time limit, and leave nothing behind.
 */
export const BOMBS: readonly Bomb[] = [
  { name: 'forks', command: ['sh', '-c', 'bomb() { bomb | bomb & }; bomb; sleep "$0"'] },
  {
    name: 'takes memory in one process',
    command: ['python3', '-c', 'x = []\nwhile True: x.append(bytearray(10_000_000))'],
  },
  {
    name: 'takes memory in many processes',
    command: [
      'sh',
      '-c',
      'for i in 1 2 3 4 5 6 7 8; do python3 -c "x = bytearray(60_000_000); import time; time.sleep(60)" "$0" & done; wait',
    ],
  },
  {
    name: 'takes memory in /dev/shm',
    command: ['sh', '-c', 'cat /dev/zero > /dev/shm/x; cat /dev/zero > /tmp/x; sleep "$0"'],
  },
  { name: 'computes for ever', command: ['sh', '-c', 'while :; do :; done'] },
  {
    name: 'fills the disk',
    command: ['sh', '-c', 'i=0; while :; do i=$((i+1)); head -c 5000000 /dev/zero > big$i; done'],
  },
  { name: 'makes files', command: ['python3', '-c', 'for i in range(1_000_000): open(f"f{i}", "w").close()'] },
  { name: 'prints for ever', command: ['yes'] },
  {
    name: 'leaves a process behind',
    // it ends once the other process has left its group
    command: [
      'sh',
      '-c',
      'setsid sh -c "trap : TERM HUP; : > up; sleep $0" "$0" & while [ ! -e up ]; do sleep 0.01; done; exit 0',
    ],
  },
]
