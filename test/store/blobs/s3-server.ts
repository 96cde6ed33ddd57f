import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, vi } from 'vitest'
import { findPorts } from '../../../src/engine/restate/server/ports.ts'

/** An object store of others, on this machine's loopback, with a bucket `blobs` that the ones in `environment` may use. */
export interface S3Server {
  readonly endpoint: string
  readonly environment: Readonly<Record<string, string>>
  /** From then on it looks at who comes. It takes no signed list by a prefix with a slash then, which it decodes before it looks. */
  guard(): Promise<void>
}

const PROGRAM = 'moto_server'

/** An object store for the tests of a file. */
export function useS3(): () => S3Server {
  let stop = async (): Promise<unknown> => undefined
  let server: S3Server

  beforeAll(async () => {
    const [port] = await findPorts(1)
    const child = spawn(PROGRAM, ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' })
    stop = () => {
      const ended = once(child, 'exit')
      child.kill()
      return ended
    }
    server = await prepare(`http://127.0.0.1:${port}`)
  }, 60_000)
  afterAll(() => stop())

  return () => server
}

async function prepare(endpoint: string): Promise<S3Server> {
  const ask = (path: string, sent: RequestInit & { readonly service: string }) =>
    new AwsClient({
      accessKeyId: 'any',
      secretAccessKey: 'any',
      region: 'us-east-1',
      retries: 0,
      service: sent.service,
    })
      .fetch(`${endpoint}${path}`, sent)
      .then((response) => response.text())
  await vi.waitFor(() => ask('/blobs', { service: 's3', method: 'PUT' }), { timeout: 50_000, interval: 100 })
  const iam = (query: string) =>
    ask('/', {
      service: 'iam',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${query}&Version=2010-05-08`,
    })
  await iam('Action=CreateUser&UserName=node')
  const policy = encodeURIComponent(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
  )
  await iam(`Action=PutUserPolicy&UserName=node&PolicyName=all&PolicyDocument=${policy}`)
  const key = await iam('Action=CreateAccessKey&UserName=node')
  const read = (element: string) => new RegExp(`<${element}>([^<]+)<`).exec(key)![1]!
  return {
    endpoint,
    environment: { AWS_ACCESS_KEY_ID: read('AccessKeyId'), AWS_SECRET_ACCESS_KEY: read('SecretAccessKey') },
    guard: async () => void (await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' })),
  }
}

/** Tests that need an object store; where none can be started they are skipped, and their name says why. */
export function describeOnS3(name: string, tests: () => void): void {
  const isThere = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, PROGRAM)))
  if (isThere) describe(name, tests)
  else describe.skip(`${name} (skipped: there is no ${PROGRAM}; to have it: pip install 'moto[server]')`, tests)
}
