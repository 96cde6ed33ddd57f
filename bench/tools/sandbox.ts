import { setTimeout as sleep } from 'node:timers/promises'
import { createSandboxes } from '../../src/sandbox/choose.ts'
import { evaluateScript } from '../../src/sandbox/script/evaluate.ts'
import type { Figures, Task } from '../task.ts'

/** The fewest starts of which the median is taken. */
const MIN_STARTS = 5

/** In this time, in ms, the thread for the next script is ready. */
const SPARE_MS = 200

const LIMITS = { memory: 64 * 1024 * 1024, seconds: 10, output: 1000 }

/** The median time from asking for a sandbox to the end of a command or script that does nothing; in ms. */
export async function measure({ name, seconds }: Task): Promise<Figures> {
  const start = name === 'sandbox/bubblewrap' ? startCommand : startScript
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  while (times.length < MIN_STARTS || performance.now() < end) {
    const began = performance.now()
    await start()
    times.push(performance.now() - began)
    if (name === 'sandbox/quickjs-ready') await sleep(SPARE_MS)
  }
  return { milliseconds: times.sort((one, other) => one - other)[Math.floor(times.length / 2)]! }
}

async function startCommand(): Promise<void> {
  const sandbox = await createSandboxes().open()
  try {
    const { code } = await sandbox.run(['true'])
    if (code !== 0) throw new Error(`the command ended with ${code}`)
  } finally {
    await sandbox.close()
  }
}

async function startScript(): Promise<void> {
  const end = await evaluateScript({ code: 'return 1', inputs: {}, files: {}, limits: LIMITS })
  if (end.ended !== 'value' || end.value !== 1) throw new Error(`the script ended with ${end.ended}`)
}
