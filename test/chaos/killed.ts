import { spawn } from 'node:child_process'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { AS_SOURCES } from '../as-sources.ts'

/**
 * Runs a program on what it is given, as JSON, to its end; says whether it was killed. `patience`: ms after which it
 * never ends on an idle machine.
 */
export function isKilled(program: string, given: object, patience: number): Promise<boolean> {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'antiphon-compile-cache') }
  const child = spawn(process.execPath, [...AS_SOURCES, program, JSON.stringify(given)], { env })
  const began = performance.now()
  // the machine may have become busy meanwhile
  const watch = () => {
    const left = besideOthers(patience) - (performance.now() - began)
    if (left > 0) timer = setTimeout(watch, left)
    else child.kill('SIGTERM')
  }
  let timer = setTimeout(watch, patience)
  let errors = ''
  child.stderr.on('data', (chunk) => (errors += chunk))
  return new Promise((resolve, reject) =>
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve(true)
      else if (code === 0) resolve(false)
      else reject(new Error(`a process ended with ${code ?? signal} (SIGTERM: it did not go on): ${errors}`))
    }),
  )
}

/** The time in ms that work of `ms` takes on this machine now: its processes share the cores. */
export const besideOthers = (ms: number): number => ms * Math.max(1, loadavg()[0]! / availableParallelism())
