import { randomBytes } from 'node:crypto'
import { secretForms } from '../../src/secret/redaction.ts'

const random = () => randomBytes(9).toString('base64url')

/** Variables whose names look secret, and their values: plain ones, and ones that texts write in another way. */
const VALUES: { readonly [variable: string]: string } = {
  SHOP_DB_PASSWORD: 'postgres',
  SHOP_API_KEY: `sk-${random()}`,
  MAIL_TOKEN: `mail ${random()}`,
  WEB_SECRET: `a/b+${random()}==`,
  QUOTED_PASSWORD: `"q"\\${random()}`,
  UMLAUT_PASSWORD: `wörd-${random()}`,
  CHAT_TOKEN: `xoxb-${random()}`,
  LINES_KEY: `first line ${random()}\nsecond line ${random()}`,
  NUMBER_KEY: '8005550199123',
  JSON_SECRET: `{"id":"${random()}"}`,
  URL_PASSWORD: `https://user:${random()}@db.example.com/?a=b&c=d`,
  PERCENT_KEY: `50%25 ${random()}`,
  ANGLE_TOKEN: `<${random()}>`,
  SPACED_PASSWORD: `  ${random()}  `,
  DOTS_TOKEN: `a.${random()}.b.${random()}`,
  SIX_KEY: 'qw3rt9',
  LONG_SECRET: `${random()}${random()}${random()}${random()}${random()}`,
  SMILE_PASSWORD: `😀${random()}`,
  OTEL_EXPORTER_OTLP_HEADERS: `x-key=${random()}`,
  CLIENT_SECRET_ID: `id_${random()}`,
}

/** The environment with the planted values, their text in one, and the names of those that a text has in some form. */
export function plantValues() {
  const text = `It says ${Object.values(VALUES).join(' and ')}.`
  const found = (where: string, output: string) =>
    Object.entries(VALUES).flatMap(([variable, value]) =>
      secretForms(value).some((form) => output.includes(form)) ? [`${variable}: ${where}`] : [],
    )
  return { environment: VALUES, text, found }
}
