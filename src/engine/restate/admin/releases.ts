import { connect } from 'node:http2'
import { serviceNames } from '../names.ts'
import type { Admin } from './admin-api.ts'
import { sqlText } from './mail.ts'
import { isOwn, isOwnColumn } from './service-names.ts'

/** A release as the server knows it: code at an address. */
export type Release = {
  /** the server's id of the release */
  readonly id: string
  readonly name: string
  readonly uri: string
  /** ms since the epoch */
  readonly registeredAt: number
  /** the server sends it new work */
  readonly isNewest: boolean
  /** services whose new work goes to this release */
  readonly serves: readonly string[]
  /** services that another release has and this one lacks */
  readonly lacks: readonly string[]
  /** unfinished invocations that began on this release; they continue nowhere else */
  readonly pinned: number
  readonly reach: Reach
}

type Deployment = {
  readonly id: string
  readonly uri?: string
  readonly created_at: string
  readonly services: readonly { readonly name: string }[]
}
type Service = { readonly name: string; readonly deployment_id: string }

/** The releases of an application, the newest first; asks each whether it answers. */
export async function surveyReleases(admin: Admin, namespace: string): Promise<readonly Release[]> {
  const [{ deployments }, { services }, pinned] = await Promise.all([
    admin.get<{ readonly deployments: readonly Deployment[] }>('/deployments'),
    admin.get<{ readonly services: readonly Service[] }>('/services'),
    countPinned(admin, namespace),
  ])
  const own = deployments.filter((each) => each.services.some(({ name }) => isOwn(namespace, name)))
  const all = new Set(own.flatMap((each) => namesOf(each)).filter((name) => isOwn(namespace, name)))
  const newest = services.find(({ name }) => name === serviceNames(namespace).directory)?.deployment_id
  const releases = own.map(async (each): Promise<Release> => {
    const uri = each.uri ?? ''
    return {
      id: each.id,
      name: nameOfRelease(uri),
      uri,
      registeredAt: Date.parse(each.created_at),
      isNewest: each.id === newest,
      serves: services.filter((service) => service.deployment_id === each.id).map(({ name }) => name),
      lacks: [...all].filter((name) => !namesOf(each).includes(name)),
      pinned: pinned.get(each.id) ?? 0,
      reach: await reachNode(uri),
    }
  })
  return (await Promise.all(releases)).sort(
    (a, b) => Number(b.isNewest) - Number(a.isNewest) || b.registeredAt - a.registeredAt,
  )
}

const namesOf = ({ services }: Deployment) => services.map(({ name }) => name)

/** The release name is the last segment of the address. */
const nameOfRelease = (uri: string) => decodeURIComponent(new URL(uri).pathname.split('/').at(-1) ?? '')

async function countPinned(admin: Admin, namespace: string): Promise<ReadonlyMap<string, number>> {
  const rows = await admin.query(
    `select pinned_deployment_id as release, count(*) as number from sys_invocation_status
     where status <> ${sqlText('completed')} and pinned_deployment_id is not null
       and ${isOwnColumn(namespace, 'target_service_name')}
     group by pinned_deployment_id`,
  )
  return new Map(rows.map((row) => [String(row.release), Number(row.number)]))
}

/** Whether a node of a release answers at its address, asked from here. */
type Reach = { readonly answers: true } | { readonly answers: false; readonly why: string }

const REACH_TIMEOUT_MS = 3_000

/** Nodes of several releases may share an address. After an answer of another one, the query is repeated so often. */
const MAX_CONNECTIONS = 8
const OTHER_RELEASE: Reach = { answers: false, why: 'nodes of another release answer there' }

/** Checks the health of a release at its address, over HTTP/2 as the server does. */
export async function reachNode(uri: string): Promise<Reach> {
  for (let left = MAX_CONNECTIONS; left > 0; left--) {
    const reach = await askOnce(uri)
    if (reach !== OTHER_RELEASE) return reach
  }
  return OTHER_RELEASE
}

async function askOnce(uri: string): Promise<Reach> {
  const { promise, resolve } = Promise.withResolvers<Reach>()
  const fail = (why: string) => resolve({ answers: false, why })
  const { origin, pathname } = new URL(uri)
  const session = connect(origin)
  const late = setTimeout(() => fail(`no answer in ${REACH_TIMEOUT_MS / 1000} s`), REACH_TIMEOUT_MS)
  session.on('error', ({ message }: Error) => fail(message))
  const request = session.request({ ':path': `${pathname.replace(/\/$/, '')}/health` })
  request.on('error', ({ message }: Error) => fail(message))
  request.on('response', ({ ':status': status }) => {
    if (status === 200) resolve({ answers: true })
    else if (status === 503) resolve(OTHER_RELEASE)
    else fail(`it answered ${status}`)
  })
  request.end()
  try {
    return await promise
  } finally {
    clearTimeout(late)
    session.destroy()
  }
}
