import type { OptionRecord } from '../../../cli.ts'

export const FILE_ARGUMENT = ['<id>', 'id of the file, or its first digits, at least 8'] as const
export const FILE_OWNER_OPTION = [
  '--owner <name>',
  'the files of this owner, for staff and an admin',
] as const satisfies OptionRecord
export const JSON_OPTION = ['--json', 'print it as JSON'] as const satisfies OptionRecord

export const ownerIn = ({ owner }: { readonly owner?: string }) => (owner === undefined ? {} : { owner })
