#!/bin/sh
# Prints where the time of a test run went: a line for each project, and the twelve slowest classes. Usage: tests/infra/times.sh FILE.trx...
# A class is charged what its tests took; classes that run beside each other add up to more than their project.
set -eu
awk '
  function attribute(name,   at) {
    at = match($0, " " name "=\"[^\"]*\"")
    return at ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
  }
  function seconds(duration,   part) {
    split(duration, part, ":")
    return part[1] * 3600 + part[2] * 60 + part[3]
  }
  function clock(time) { return seconds(substr(time, 12, 15)) }
  /<Times / {
    begun[FILENAME] = clock(attribute("start"))
    ended[FILENAME] = clock(attribute("finish"))
    if (ended[FILENAME] < begun[FILENAME]) ended[FILENAME] += 86400
  }
  /<UnitTestResult / {
    test = attribute("testName")
    sub(/\(.*/, "", test)
    sub(/\.[^.]*$/, "", test)
    class[test] += seconds(attribute("duration"))
    tests[FILENAME]++
  }
  /<UnitTest / && !(FILENAME in project) {
    path = attribute("storage")
    sub(/.*\//, "", path)
    sub(/\.dll$/, "", path)
    project[FILENAME] = path
  }
  END {
    print "\nseconds  tests  project"
    fflush()
    for (file in begun) printf "%7d  %5d  %s\n", ended[file] - begun[file], tests[file], project[file] | "sort -rn"
    close("sort -rn")
    print "\nseconds  class"
    fflush()
    for (name in class) printf "%7.1f  %s\n", class[name], name | "sort -rn | head -n 12"
    close("sort -rn | head -n 12")
    print ""
  }' "$@"
