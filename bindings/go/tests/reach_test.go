// Everything that the header has is reached by what is written by hand.
package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Functions that the upper layer does without, and why.
var notCalled = map[string]string{
	"rmq_error_code":    "the call and the view of an error tell its code",
	"rmq_error_message": "rmq_error_view tells it with all the rest",
	"rmq_error_retain":  "errors are copied whole, and refer to nothing of the library",
}

var (
	comment      = regexp.MustCompile(`(?m)//.*$`)
	generated    = regexp.MustCompile(`(?ms)^func (rmq\w+)\([^\n]*?(?:\n\t[^\n]*?)*?C\.(?:go_)?(rmq_\w+)\(`)
	symbolOfLine = regexp.MustCompile(`(?m)^rmq_\w+`)
)

func readAll(t *testing.T, paths ...string) string {
	t.Helper()
	var all strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		check(t, err)
		all.Write(text)
	}
	return all.String()
}

func TestEveryFunctionIsReachable(t *testing.T) {
	names := make(map[string]string) // in C -> in Go
	for _, pair := range generated.FindAllStringSubmatch(readAll(t, "../ffi_generated.go"), -1) {
		names[pair[2]] = pair[1]
	}
	paths, err := filepath.Glob("../*.go")
	check(t, err)
	var handWritten []string
	for _, path := range paths {
		if name := filepath.Base(path); name != "ffi_generated.go" && name != "codes.go" {
			handWritten = append(handWritten, path)
		}
	}
	code := comment.ReplaceAllString(readAll(t, handWritten...), "")
	symbols := symbolOfLine.FindAllString(readAll(t, "../../../tests/abi/symbols.txt"), -1)
	if len(symbols) < 80 {
		t.Fatalf("%d symbols, expected all of the header", len(symbols))
	}
	for _, symbol := range symbols {
		name, isKnown := names[symbol]
		if !isKnown {
			t.Errorf("ffi_generated.go does not have %s", symbol)
			continue
		}
		_, isException := notCalled[symbol]
		isCalled := regexp.MustCompile(`\b` + name + `\b`).MatchString(code)
		if isCalled == isException {
			t.Errorf("%s: called by the upper layer: %v, named as an exception: %v", symbol, isCalled, isException)
		}
	}
}
