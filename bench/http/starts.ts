export { measureStarts as measure } from './requests.ts'
