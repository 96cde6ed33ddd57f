import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** The process that does the work. It ends with this one, however this one ends. */
export type Runner = {
  readonly pid: number
  readonly exited: Promise<number | null>
  /** what it said on stderr, its last 4 000 characters */
  said(): string
  signal(signal: NodeJS.Signals): void
}

/** Starts an owner of the data folder, the very command that `antiphon run --detach` starts. */
export function startRunner(root: string, data: string): Runner {
  const child = spawn(process.execPath, [join(root, 'bin/antiphon.js'), 'own', '--data', data], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // tells the launcher whose end is its own
    env: { ...process.env, ANTIPHON_LAUNCHER: String(process.pid) },
  })
  const errors = listen(child)
  return {
    pid: child.pid!,
    exited: new Promise((resolve) => child.once('exit', resolve)),
    said: () => errors.text,
    signal: (signal) => void child.kill(signal),
  }
}

function listen(child: ChildProcess): { text: string } {
  const said = { text: '' }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.text = (said.text + text).slice(-4000)
  })
  return said
}
