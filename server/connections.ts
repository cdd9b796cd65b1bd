import { equal } from '../crypto/bytes.ts'
import { type DeviceAddress, RelayError } from './api.ts'
import type { DeviceConnection } from './connection.ts'

/** Everybody who is connected. One device may be so several times. */
export class Connections {
  private readonly ofDevice = new Map<number, readonly DeviceConnection[]>()
  private readonly maximum: number

  /** @param maximum how often one device may be connected; whoever comes next gets the place of its oldest connection */
  constructor(maximum: number) {
    this.maximum = maximum
  }

  add(connection: DeviceConnection): void {
    const { row } = connection
    const others = this.ofDevice.get(row) ?? []
    this.ofDevice.set(row, [...others, connection])
    if (others.length >= this.maximum)
      others[0]?.end(
        new RelayError('too-many', 'this device has connected too often, and this connection was its oldest'),
      )
  }

  remove(connection: DeviceConnection): void {
    const { row } = connection
    const others = (this.ofDevice.get(row) ?? []).filter((other) => other !== connection)
    if (others.length > 0) this.ofDevice.set(row, others)
    else this.ofDevice.delete(row)
  }

  /** Some may leave meanwhile. */
  *all(): Iterable<DeviceConnection> {
    for (const connections of this.ofDevice.values()) yield* connections
  }
}

export const sameDevice = (one: DeviceAddress, other: DeviceAddress): boolean =>
  one.user === other.user && equal(one.device, other.device)
