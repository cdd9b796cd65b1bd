/*
 * For `node --import`: a process whose clock stands at DOORMAT_TEST_CLOCK (milliseconds since 1970) when it starts, and
 * goes on from there.
 */
const offsetMs = Number(process.env['DOORMAT_TEST_CLOCK']) - Date.now()
const RealDate = Date

globalThis.Date = class Date extends RealDate {
  constructor(...parts) {
    if (parts.length > 0) super(...parts)
    else super(RealDate.now() + offsetMs)
  }

  static now() {
    return RealDate.now() + offsetMs
  }
}
