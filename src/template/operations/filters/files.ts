import { fail } from '../../evaluate/machine.ts'
import { textOf } from '../../values/values.ts'
import { type Operation, type Operations, operation } from '../operation.ts'

/** Filters that tell of files, as far as the scope has the functions of the same names. */
export const FILES: Operations = {
  include_file: asking('include_file'),
  file_exists: asking('file_exists'),
}

function asking(name: string): Operation {
  return operation('base_dir', (value, { base_dir }, machine) => {
    const ask = machine.scope.get(name)
    return typeof ask === 'function' ? ask(textOf(value, machine), base_dir) : fail(machine, 'there are no files here')
  })
}
