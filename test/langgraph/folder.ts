import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type StartOptions, start } from '../../src/index.ts'

/** A data folder that ends with the test, and a program over it. Each `open` is another process's turn. */
export function openProgram() {
  const data = mkdtempSync(join(tmpdir(), 'antiphon-graph-'))
  onTestFinished(() => rm(data, { recursive: true, maxRetries: 5 }))
  return {
    async open<Pipeline extends string = never>(options: StartOptions<Pipeline> = {}) {
      const app = await start({ ...options, data, folder: data })
      onTestFinished(() => app.stop())
      return app
    },
  }
}
