import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a row counts beside its rates. */
export type Counter = 'syncs' | 'bytes'

/** The calls of a process that wait for the disk, and those that give bytes to a file. */
export const CALLS = {
  syncs: ['fsync', 'fdatasync'],
  bytes: ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'],
} as const satisfies { readonly [counter in Counter]: readonly string[] }

/**
 * The tracer that writes each sync and write of a command and its children to that file.
 * The command keeps its process id and its parent, and is stopped at no other calls.
 */
export function traceInto(log: string): readonly [command: string, ...given: string[]] {
  const calls = [...CALLS.syncs, ...CALLS.bytes].join(',')
  const shown = ['-e', `trace=${calls}`, '-e', 'signal=none', '-s', '0', '-y', '-qq']
  return ['strace', '-D', '-f', '--seccomp-bpf', ...shown, '-o', log]
}

/** Why this machine cannot trace; undefined when it can. */
export async function whyNoTrace(): Promise<string | undefined> {
  const [command, ...given] = traceInto('/dev/null')
  return promisify(execFile)(command, [...given, process.execPath, '--version']).then(
    () => undefined,
    ({ code, stderr }: { readonly code: unknown; readonly stderr?: string }) =>
      code === 'ENOENT'
        ? 'strace is not installed (apt-get install strace)'
        : `strace fails: ${stderr?.split('\n')[0]}`,
  )
}
