import { InvalidError, is } from '../errors.ts'
import { readPlainFile } from '../lib/encoding/plain-file.ts'

/**
 * Throws the error of a check that came after `file` was read. An InvalidError that names only the path of a setting
 * gets the line of it; all others stay as they are.
 */
export const placing = (file: string | undefined) => async (error: unknown) => {
  const { path, line } = is(error, 'InvalidError') ? (error as InvalidError).place : {}
  if (file === undefined || path === undefined || line !== undefined) throw error
  // the YAML library is loaded for a file with a fault
  const [{ readBoundedYaml }, { offsetOfPath }] = await Promise.all([
    import('./read.ts'),
    import('./offset-of-path.ts'),
  ])
  const read = readBoundedYaml(String(await readPlainFile(file)), 'the file')
  const offset = 'value' in read ? offsetOfPath(read.document, path.split('.'), false) : undefined
  const place = { file, path, ...('value' in read && offset !== undefined && read.where(offset)) }
  const { message, code, hint } = error as InvalidError
  throw new InvalidError(message, { code, hint, place, cause: error })
}
