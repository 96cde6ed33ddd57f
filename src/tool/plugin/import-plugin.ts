import { pathToFileURL } from 'node:url'
import { runPluginCode } from './stray-errors.ts'

export type ModuleExports = { readonly [name: string]: unknown }

/** The default export of a plugin's file. */
export async function importPlugin(file: string, what: string): Promise<unknown> {
  return (await importModule(file, what)).default
}

/**
 * The exports of a file. A module that calls `process.exit` fails, also if it would load, and so does one that waits
 * forever without another reason for the process to live.
 */
export async function importModule(file: string, what: string): Promise<ModuleExports> {
  const stray = Promise.withResolvers<never>()
  stray.promise.catch(() => {})
  const stuck = () => stray.reject(new Error('an `await` at its top level never ends'))
  let ended = false
  const fail = (error: unknown) => {
    stray.reject(error)
    return !ended
  }
  const read = (): Promise<ModuleExports> => import(pathToFileURL(file).href)
  process.once('beforeExit', stuck)
  try {
    return await Promise.race([stray.promise, runPluginCode({ what, fail }, read)])
  } finally {
    ended = true
    process.off('beforeExit', stuck)
  }
}
