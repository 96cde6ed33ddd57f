import { fail } from '../../machine/machine.ts'
import { textOf } from '../../values/values.ts'
import { type Operation, type Operations, operation } from '../operation.ts'

/** Filters that tell of files, as far as the scope has the functions of the same names. */
export const FILES: Operations = {
  include_file: asking(
    'include_file',
    'The text of the file of that path, as it is; as a function: include_file(path).',
  ),
  file_exists: asking(
    'file_exists',
    'Whether there is a file or folder of that path; as a function: file_exists(path).',
  ),
}

function asking(name: string, does: string): Operation {
  return operation('base_dir?', does, (value, { base_dir }, machine) => {
    const ask = machine.scope.get(name)
    return typeof ask === 'function' ? ask(textOf(value, machine), base_dir) : fail(machine, 'there are no files here')
  })
}
