import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { InvalidError } from '../../../errors.ts'

/** The Restate server's executable, from the optional package; InvalidError when there is none for this machine. */
export function locateBinary(): string {
  const { resolve } = createRequire(import.meta.url)
  try {
    return resolve(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`)
  } catch (cause) {
    throw new InvalidError(`there is no restate-server for ${platform()}-${arch()} here`, {
      code: 'peer_missing',
      hint: 'npm install @restatedev/restate-server@1.7.12',
      cause,
    })
  }
}
