import { InvalidError } from '../../errors.ts'

/** Location and credentials of an object store. */
export type S3Address = {
  readonly bucket: string
  /** prefix of all names; ends with a slash unless empty */
  readonly prefix: string
  /** without a trailing slash */
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
}
type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }
type Environment = Readonly<Record<string, string | undefined>>

const HINT =
  'Name an object store: s3://BUCKET/PREFIX?region=REGION, one that is not at AWS with &endpoint=http://HOST:PORT'

/** Parses the address and reads credentials from the environment. InvalidError without the credentials in its text. */
export function s3AddressFrom(text: string, environment: Environment): S3Address {
  const url = URL.parse(text)
  if (!url) throw new InvalidError('Expected the address of an object store.', { hint: HINT })
  checkNoSecrets(url)
  const { hostname: bucket, pathname, searchParams: query } = url
  check(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket), `${JSON.stringify(bucket)} is not the name of a bucket.`)
  const prefix = pathname.replace(/^\/+|\/+$/g, '')
  check(/^[\w./-]*$/.test(prefix), `${JSON.stringify(prefix)} holds more than letters, digits and the signs _ . / -.`)
  const unknown = [...query.keys()].find((name) => name !== 'region' && name !== 'endpoint')
  check(unknown === undefined, `The address of the object store has a setting ${JSON.stringify(unknown)}.`)
  const given = query.get('endpoint') ?? undefined
  const region = query.get('region') || environment.AWS_REGION || (given === undefined ? undefined : 'us-east-1')
  if (region === undefined) throw new InvalidError(`The object store s3://${bucket} needs a region.`, { hint: HINT })
  check(/^[a-z0-9-]+$/.test(region), `${JSON.stringify(region)} is not a region.`)
  const endpoint = given === undefined ? `https://s3.${region}.amazonaws.com` : endpointFrom(given)
  return { bucket, prefix: prefix && `${prefix}/`, endpoint, region, credentials: credentialsIn(environment, bucket) }
}

// the error does not repeat secrets that a person put into the address
function checkNoSecrets({ username, password }: URL): void {
  check(username === '' && password === '', 'The address of the object store holds credentials.', CREDENTIALS)
}

function endpointFrom(text: string): string {
  const url = URL.parse(text)
  if (url) checkNoSecrets(url)
  check(url?.protocol === 'http:' || url?.protocol === 'https:', 'The endpoint of the object store is not an address.')
  return text.replace(/\/+$/, '')
}

const CREDENTIALS = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN if there is one.'

function credentialsIn(environment: Environment, bucket: string): Credentials {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: token,
  } = environment
  if (!accessKeyId || !secretAccessKey)
    throw new InvalidError(`The environment has no credentials for the object store s3://${bucket}.`, {
      hint: CREDENTIALS,
    })
  return { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) }
}

function check(isTrue: boolean, message: string, hint = HINT): void {
  if (!isTrue) throw new InvalidError(message, { hint })
}
