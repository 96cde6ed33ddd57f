import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { until } from '../../src/testing/until.ts'
import { processesWith } from '../../trials/sandbox/processes-with.ts'
import { leftBy } from './left.ts'
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
    // the kernel may hold the cgroup of a process for a moment after its end: then the sandbox after that removes it
    await until(async () => {
      await next.run(['true'])
      return leftBy(child.pid!).length === 0
    })
    await next.close()
  },
)
