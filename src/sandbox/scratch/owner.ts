import { chown } from 'node:fs/promises'

/** The user and group that run foreign code where antiphon runs as root. */
export const NOBODY = 65534

export const runsAsRoot = () => process.getuid?.() === 0

/** Gives a file to the user that commands run as. */
export async function giveAway(path: string): Promise<void> {
  if (runsAsRoot()) await chown(path, NOBODY, NOBODY)
}
