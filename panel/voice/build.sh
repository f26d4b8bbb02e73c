#!/bin/sh
# Speaks every clip of the voice pack with espeak-ng and trims and packs it with sox.
# The result is committed, so this runs only when a phrase changes. A branch may replace
# any clip by a human recording of the same name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-"$here/../public/voice"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

speak() { # language, name, text
  speed=140
  [ "$1" = en ] && speed=145
  espeak-ng -v "$1" -s "$speed" -p 42 -w "$work/raw.wav" "$3"
  sox "$work/raw.wav" -r 22050 -c 1 "$work/cut.wav" \
    silence 1 0.01 0.6% reverse silence 1 0.01 0.6% fade t 0.02 reverse fade t 0.005 norm -3 pad 0 0.05
  sox "$work/cut.wav" -C 0 "$out/$1/$2.ogg"
}

mkdir -p "$out/ru" "$out/en"
rm -f "$out"/ru/*.ogg "$out"/en/*.ogg

sox -n -r 22050 -c 1 "$work/first.wav" synth 0.45 sine 783.99 sine 1567.98 fade t 0.01 0.45 0.38 remix 1v0.8,2v0.15
sox -n -r 22050 -c 1 "$work/second.wav" synth 0.75 sine 587.33 sine 1174.66 fade t 0.01 0.75 0.65 remix 1v0.8,2v0.15
sox "$work/first.wav" "$work/second.wav" -C 1 "$out/ru/chime.ogg" norm -6

for language in ru en; do
  while IFS='|' read -r name text; do
    [ -n "$name" ] && speak "$language" "$name" "$text"
  done <"$here/$language.txt"
done
