import { NotFoundError } from '../../../errors.ts'

const FILE_NOT_FOUND = 'File not found: '

export const missingFile = (path: string, options: { readonly cause?: unknown } = {}) =>
  new NotFoundError(`${FILE_NOT_FOUND}${path}`, options)

/** The path of a file that a step did not find; undefined when the step did not fail with that error. */
export function missingPath(step: { readonly error: string | null; readonly error_code?: string }): string | undefined {
  const isMissing = step.error_code === 'not_found' && step.error?.startsWith(FILE_NOT_FOUND)
  return isMissing ? step.error?.slice(FILE_NOT_FOUND.length) : undefined
}
