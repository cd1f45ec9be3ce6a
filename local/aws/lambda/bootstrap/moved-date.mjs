/** Makes `Date` show the moved time of the local runtime. */

const RealDate = Date;
let offset = 0;

function MovedDate(...parts) {
  if (!new.target) return new RealDate(RealDate.now() + offset).toString();
  if (parts.length === 0) return Reflect.construct(RealDate, [RealDate.now() + offset], new.target);
  return Reflect.construct(RealDate, parts, new.target);
}
Object.setPrototypeOf(MovedDate, RealDate);
// One prototype, so that dates made inside Node (file times) are still `instanceof Date`.
MovedDate.prototype = RealDate.prototype;
Object.defineProperty(MovedDate, 'name', { value: 'Date' });
Object.defineProperty(MovedDate, 'length', { value: 7 });
MovedDate.now = () => RealDate.now() + offset;
MovedDate.parse = RealDate.parse;
MovedDate.UTC = RealDate.UTC;
Object.defineProperty(RealDate.prototype, 'constructor', { value: MovedDate, writable: true, configurable: true });
globalThis.Date = MovedDate;

/** From now on `Date` is the wall clock plus `offsetMs`. The first import replaced `Date`, so captured ones move too. */
export function moveDate(offsetMs) {
  offset = offsetMs;
}
