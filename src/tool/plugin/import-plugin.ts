import { pathToFileURL } from 'node:url'
import { runPluginCode } from './stray-errors.ts'

/**
 * The default export of a plugin's file. A module that calls `process.exit` fails, also if it would load nevertheless.
 */
export async function importPlugin(file: string, what: string): Promise<unknown> {
  const stray = Promise.withResolvers<never>()
  stray.promise.catch(() => {})
  let ended = false
  const fail = (error: unknown) => {
    stray.reject(error)
    return !ended
  }
  const read = (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(file).href)
  try {
    const module = await Promise.race([stray.promise, runPluginCode({ what, fail }, read)])
    return module.default
  } finally {
    ended = true
  }
}
