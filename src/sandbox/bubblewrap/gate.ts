import type { Duplex } from 'node:stream'
import { BESIDE_DESCRIPTOR } from '../process/run-process.ts'

/** The descriptors of a gated command: `info` names the first process in the sandbox, `gate` opens, folders follow. */
export const GATE = { info: BESIDE_DESCRIPTOR, gate: BESIDE_DESCRIPTOR + 1, folders: BESIDE_DESCRIPTOR + 2 }

/**
 * The command behind a gate. A shell copies the open folders to `target`, says so, and waits until this process has
 * opened what it needs of the sandbox. Then it closes all of these descriptors and becomes the command.
 */
export function gated(command: readonly string[], target: string, folders: number): readonly string[] {
  const numbers = Array.from({ length: folders }, (_, index) => GATE.folders + index)
  const copy = numbers.map((number) => `cp -a /proc/self/fd/${number}/. "$1" || exit 125; exec ${number}<&-; `).join('')
  const script = `${copy}echo >&${GATE.gate}; read -r _ <&${GATE.gate} || exit 125; exec ${GATE.gate}>&-; shift; exec "$@"`
  return ['/bin/sh', '-c', script, 'sh', target, ...command]
}

/** Calls `use` with the id of the first process of the sandbox while the command waits, and lets the command begin. */
export async function passGate(info: Duplex, gate: Duplex, use: (pid: number) => Promise<void>): Promise<void> {
  const [text, ready] = await Promise.all([firstText(info, /"child-pid"\s*:\s*\d+\D/), firstText(gate, /\n/)])
  const [, pid] = /"child-pid"\s*:\s*(\d+)/.exec(text) ?? []
  try {
    // without either of them, bubblewrap or the copy has failed and says why itself
    if (pid !== undefined && ready !== '') {
      await use(Number(pid))
      gate.write('\n')
    }
  } finally {
    gate.end()
  }
}

async function firstText(stream: Duplex, until: RegExp): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (until.test(text)) resolve()
  })
  stream.once('close', resolve).on('error', () => resolve())
  await promise
  return text
}
