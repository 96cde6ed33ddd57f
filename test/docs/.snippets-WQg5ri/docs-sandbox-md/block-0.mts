import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Execution, SandboxProvider } from 'antiphon'
import { findEscapes } from 'antiphon/testing'

const JAIL = '--unshare-all --disable-userns --unshare-user --cap-drop ALL --die-with-parent --new-session --clearenv'
const VIEW = '--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev'

const jail: SandboxProvider = {
  name: 'jail',
  check: async () => undefined,
  async open({ limits }) {
    const folder = await mkdtemp(join(tmpdir(), 'jail-'))
    const view = `${JAIL} ${VIEW} --remount-ro /dev --bind ${folder} /work --remount-ro / --chdir /work --setenv PATH /usr/bin`
    return {
      name: 'jail',
      folder: '/work',
      run: (command, { seconds = limits.seconds } = {}) => runFor(seconds, [...view.split(' '), '--', ...command]),
      write: (path, bytes) => writeFile(join(folder, path), bytes),
      read: (path) => readFile(join(folder, path)),
      list: async () => [],
      close: () => rm(folder, { recursive: true }),
    }
  },
}

function runFor(seconds: number, args: readonly string[]): Promise<Execution> {
  const started = Date.now()
  return new Promise((resolve) =>
    execFile('bwrap', args, { timeout: seconds * 1000, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const code = Number(error?.code ?? 0)
      const [out, err] = [stdout, stderr].map((text) => ({ text, dropped: 0 }))
      resolve({ ended: error?.killed ? 'timeout' : 'exit', code, stdout: out!, stderr: err!, elapsed: Date.now() - started })
    }),
  )
}

console.log(await findEscapes(jail))
