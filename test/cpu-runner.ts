import { appendFileSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { TestRunner } from 'vitest'
import { CPU_LOG, secondsOf } from './cpu-table.ts'

/** Notes how many seconds of CPU each file of tests takes, with the processes that it starts and waits for. */
export default class CpuRunner extends TestRunner {
  #files: readonly string[] = []
  #before = 0

  onBeforeCollect(paths: readonly string[]): void {
    this.#files = paths
    this.#before = secondsHere()
  }

  override onAfterRunFiles(): void {
    super.onAfterRunFiles()
    const log = process.env[CPU_LOG]
    const [file] = this.#files
    if (log === undefined || file === undefined) return
    const seconds = Math.round((secondsHere() - this.#before) * 10) / 10
    appendFileSync(log, `${JSON.stringify([relative(process.cwd(), file), seconds])}\n`)
  }
}

/** Only Linux tells what ended children took. */
function secondsHere(): number {
  try {
    return secondsOf(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
}
