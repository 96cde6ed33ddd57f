import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findPorts, type RestateServer, startRestate } from './server.ts'

/** A single Restate server over a folder: always reached where it was the first time, because it is known by that. */
export interface KeptServer {
  readonly admin: string
  start(): Promise<RestateServer>
}

/** The server of a folder, which keeps its data and ports; creates the folder. */
export async function keptServer(folder: string): Promise<KeptServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const ports = await keepPorts(join(folder, 'ports.json'))
  return { admin: `http://127.0.0.1:${ports[1]}`, start: () => startRestate(folder, ports) }
}

// who comes second takes what the first found
async function keepPorts(path: string): Promise<readonly number[]> {
  const found = await readPorts(path)
  if (found) return found
  const text = JSON.stringify(await findPorts(3))
  await writeFile(path, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  return keepPorts(path)
}

async function readPorts(path: string): Promise<readonly number[] | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as readonly number[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
