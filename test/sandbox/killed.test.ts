import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { until } from '../../src/testing/until.ts'
import { SUITE_LIMITS } from './limits.ts'

const gap = await bubblewrap.check()

test.skipIf(gap !== undefined)(
  `kill -9 takes all of a sandbox along, and the next process removes its folder and cgroup${gap ? ` (skipped: ${gap.reason})` : ''}`,
  async () => {
    // no other command has it
    const seconds = `600.${process.pid}`
    const child = spawn(process.execPath, [join(import.meta.dirname, 'sleeper.ts'), seconds], { stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const running = () => processesWith(`sleep\0${seconds}`)
    await until(() => running().length === 2)
    expect(leftBy(child.pid!)).not.toEqual([])
    child.kill('SIGKILL')
    await until(() => running().length === 0)
    const next = await bubblewrap.open({ limits: SUITE_LIMITS })
    await next.run(['true'])
    await next.close()
    expect(leftBy(child.pid!)).toEqual([])
  },
)

/** The processes whose command is so. */
const processesWith = (command: string) =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).startsWith(command))

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** Folders for scratch files and cgroups that a process made. */
function leftBy(pid: number): readonly string[] {
  const cgroups = readFileSync('/proc/self/cgroup', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = line.split(':')
      if (path === undefined) return []
      return [join('/sys/fs/cgroup', controllers!, path), join('/sys/fs/cgroup', controllers!, path, '..')]
    })
  const inside = [tmpdir(), ...cgroups].flatMap((folder) => listed(folder).map((name) => join(folder, name)))
  return inside.filter((path) => path.includes(`/antiphon-sandbox-${pid}-`))
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
