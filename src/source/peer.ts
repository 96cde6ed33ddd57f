import { InvalidError } from '../errors.ts'
import { installCommand } from '../lib/manifest.ts'

/** Handles the failed load of an optional package: the error says how to install it. */
export const peerMissing = (format: string, name: string) => (cause: unknown) => {
  throw new InvalidError(`Reading ${format} needs the package ${name}.`, {
    code: 'peer_missing',
    hint: installCommand(name),
    cause,
  })
}
