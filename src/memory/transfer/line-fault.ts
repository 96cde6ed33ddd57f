import { InvalidError } from '../../errors.ts'

/** The error for a line of an import; its `data` has the number. */
export function lineFault(
  line: number,
  message: string,
  { path, hint }: { readonly path?: string; readonly hint?: string | undefined } = {},
): InvalidError {
  return new InvalidError(`Line ${line}: ${message}. Nothing was imported.`, {
    data: { line, ...(path !== undefined && { path }) },
    hint,
  })
}
