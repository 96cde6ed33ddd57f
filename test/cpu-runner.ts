import { appendFileSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { type RunnerTask, TestRunner } from 'vitest'
import { CPU_LOG, DEAR_TEST, type DearTest, secondsOf } from './cpu-table.ts'

// tests that run vitest again count it for themselves
const log = process.env[CPU_LOG]
delete process.env[CPU_LOG]

/**
 * Notes how many seconds of CPU each file of tests takes, with the processes that it starts and waits for, and which
 * of its tests are dear. A process counts where it ends: the server of all tests of a file counts for its hooks.
 */
export default class CpuRunner extends TestRunner {
  #files: readonly string[] = []
  #before = 0
  #beforeTest = 0
  #apart = 0
  #dear: DearTest[] = []

  onBeforeCollect(paths: readonly string[]): void {
    this.#files = paths
    this.#before = secondsHere()
    this.#apart = 0
    this.#dear = []
  }

  onCollected(): void {
    // the first file of a process loads the modules of many
    this.#apart = secondsHere() - this.#before
  }

  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(test)
    if (log !== undefined) this.#beforeTest = secondsHere()
  }

  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test)
    if (log === undefined) return
    this.#count(test.name, secondsHere() - this.#beforeTest)
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles()
    const [file] = this.#files
    if (log === undefined || file === undefined) return
    const taken = secondsHere() - this.#before
    this.#count('its hooks', taken - this.#apart)
    appendFileSync(log, `${JSON.stringify([relative(process.cwd(), file), tenths(taken), ...this.#dear])}\n`)
  }

  #count(name: string, seconds: number): void {
    this.#apart += seconds
    if (seconds > DEAR_TEST) this.#dear.push([name, tenths(seconds)])
  }
}

const tenths = (seconds: number) => Math.round(seconds * 10) / 10

/** Only Linux tells what ended children took. */
function secondsHere(): number {
  try {
    return secondsOf(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
}
