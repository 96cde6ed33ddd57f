import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AS_SOURCES } from '../as-sources.ts'

/** Runs a program on what it is given, as JSON, to its end; says whether it was killed. `patience`: ms after which it never ends. */
export function isKilled(program: string, given: object, patience: number): Promise<boolean> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache') }
  const child = spawn(process.execPath, [...AS_SOURCES, program, JSON.stringify(given)], { timeout: patience, env })
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += chunk))
  return new Promise((resolve, reject) =>
    child.once('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`a process ended with ${code ?? signal} (SIGTERM: it did not go on): ${errors}`))
    }),
  )
}
