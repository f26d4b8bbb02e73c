/** What the server asks to be solved before it sends a code, when too many are asked for. */
export interface Puzzle {
  puzzle: string;
  difficulty: number;
  expiresAt: string;
}

// Long enough to be quick, short enough that the page goes on answering.
const sliceMs = 25;

/** A text after the puzzle whose SHA-256 begins with as many zero bits as asked for; null when time is up. */
export async function solve(puzzle: Puzzle, now: () => number = Date.now): Promise<string | null> {
  const end = Date.parse(puzzle.expiresAt);
  for (let count = 0; now() < end; ) {
    for (const stop = performance.now() + sliceMs; performance.now() < stop; count++) {
      if (leadingZeros(sha256(`${puzzle.puzzle}:${count}`)) >= puzzle.difficulty) return String(count);
    }
    await new Promise(resolve => setTimeout(resolve));
  }
  return null;
}

/** The zero bits a hash begins with. */
export function leadingZeros(hash: Uint32Array): number {
  let zeros = 0;
  for (const word of hash) {
    const here = Math.clz32(word);
    zeros += here;
    if (here < 32) break;
  }
  return zeros;
}

const rounds = constants();
const encoder = new TextEncoder();
const w = new Uint32Array(64);

/** SHA-256 of a text. Browsers keep their own for https pages, and it answers too slowly for many short texts. */
export function sha256(text: string): Uint32Array {
  const bytes = encoder.encode(text);
  const blocks = (bytes.length + 9 + 63) >> 6;
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  const hash = new Uint32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(block * 64 + i * 4);
    compress(hash);
  }
  return hash;
}

const right = (word: number, by: number) => (word >>> by) | (word << (32 - by));

function compress(hash: Uint32Array): void {
  const at = (i: number) => w[i] as number;
  for (let i = 16; i < 64; i++) {
    const a = at(i - 15);
    const b = at(i - 2);
    const small = right(a, 7) ^ right(a, 18) ^ (a >>> 3);
    const large = right(b, 17) ^ right(b, 19) ^ (b >>> 10);
    w[i] = (at(i - 16) + small + at(i - 7) + large) | 0;
  }
  const of = (i: number) => hash[i] as number;
  let [a, b, c, d] = [of(0), of(1), of(2), of(3)];
  let [e, f, g, h] = [of(4), of(5), of(6), of(7)];
  for (let i = 0; i < 64; i++) {
    const s1 = right(e, 6) ^ right(e, 11) ^ right(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (rounds[i] as number) + at(i)) | 0;
    const s0 = right(a, 2) ^ right(a, 13) ^ right(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  hash[0] = of(0) + a;
  hash[1] = of(1) + b;
  hash[2] = of(2) + c;
  hash[3] = of(3) + d;
  hash[4] = of(4) + e;
  hash[5] = of(5) + f;
  hash[6] = of(6) + g;
  hash[7] = of(7) + h;
}

// The first 32 bits of the fractions of the cube roots of the first 64 primes, as the standard says.
function constants(): Uint32Array {
  const words = new Uint32Array(64);
  let found = 0;
  for (let number = 2; found < 64; number++) {
    let isPrime = true;
    for (let by = 2; by * by <= number; by++) if (number % by === 0) isPrime = false;
    if (isPrime) words[found++] = (Math.cbrt(number) % 1) * 2 ** 32;
  }
  return words;
}
