import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'

/** The file that a shell in `folder` with this search path would run. */
export async function findProgram(name: string, folder: string, path: string): Promise<string | undefined> {
  const places = name.includes('/') ? [resolve(folder, name)] : path.split(delimiter).map((place) => join(place, name))
  for (const place of places) if (await isExecutable(place)) return place
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
