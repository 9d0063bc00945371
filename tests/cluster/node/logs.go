// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"k8s.io/client-go/util/cert"
)

const (
	longestLine    = 64 << 10
	longestJournal = 16 << 20 // the oldest lines of a container that says more are forgotten
)

type line struct {
	at   time.Time
	text []byte // with its end
}

// journal is what one run of a container said.
type journal struct {
	mutex   sync.Mutex
	more    *sync.Cond
	lines   []line
	skipped int // lines that were forgotten
	size    int
	ended   bool
	writers []*lineWriter
}

func newJournal() *journal {
	made := &journal{}
	made.more = sync.NewCond(&made.mutex)
	return made
}

// lineWriter cuts one of the two streams into lines.
type lineWriter struct {
	journal *journal
	partial []byte
}

func (j *journal) writer() io.Writer {
	made := &lineWriter{journal: j}
	j.writers = append(j.writers, made)
	return made
}

func (w *lineWriter) Write(piece []byte) (int, error) {
	w.partial = append(w.partial, piece...)
	for {
		end := bytes.IndexByte(w.partial, '\n')
		if end < 0 && len(w.partial) < longestLine {
			return len(piece), nil
		}
		if end < 0 {
			end = longestLine - 1
		}
		w.journal.add(bytes.Clone(w.partial[:end+1]))
		w.partial = w.partial[end+1:]
	}
}

func (j *journal) add(text []byte) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.lines = append(j.lines, line{time.Now(), text})
	for j.size += len(text); j.size > longestJournal; j.skipped++ {
		j.size -= len(j.lines[0].text)
		j.lines = j.lines[1:]
	}
	j.more.Broadcast()
}

// end is called when nothing writes any more.
func (j *journal) end() {
	for _, one := range j.writers {
		if len(one.partial) > 0 {
			j.add(one.partial)
		}
	}
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.ended = true
	j.more.Broadcast()
}

// next gives the lines from the number-th on and the number behind them; with `follow` it
// waits for one, for the end or for the context. False: that was all.
func (j *journal) next(ctx context.Context, number int, follow bool) ([]line, int, bool) {
	defer context.AfterFunc(ctx, j.more.Broadcast)()
	j.mutex.Lock()
	defer j.mutex.Unlock()
	for follow && !j.ended && ctx.Err() == nil && number >= j.skipped+len(j.lines) {
		j.more.Wait()
	}
	from := max(number-j.skipped, 0)
	found := j.lines[min(from, len(j.lines)):]
	return found, j.skipped + len(j.lines), follow && !j.ended
}

// serveLogs answers the API server as a kubelet does, with a certificate of its own making, which nobody checks.
func (f *fleet) serveLogs() error {
	certificate, key, err := cert.GenerateSelfSignedCertKey("node", nil, nil)
	if err != nil {
		return err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", f.answerLogs)
	routes.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		http.Error(answer, "these nodes give logs and nothing else", http.StatusNotImplemented)
	})
	for _, node := range f.nodes {
		listener, err := net.Listen("tcp", net.JoinHostPort(internalAddress(node), strconv.Itoa(logPort)))
		if err != nil {
			return err
		}
		server := &http.Server{Handler: routes, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
		go func() { log.Printf("logs: %v", server.ServeTLS(listener, "", "")) }()
	}
	return nil
}

// answerLogs knows what `kubectl logs` asks: follow, previous, sinceTime, sinceSeconds, tailLines, limitBytes, timestamps.
func (f *fleet) answerLogs(answer http.ResponseWriter, request *http.Request) {
	asked := request.URL.Query()
	found := f.journal(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"), asked.Get("previous") == "true")
	if found == nil {
		http.Error(answer, "no such container has run here", http.StatusNotFound)
		return
	}
	since := time.Time{}
	if seconds, err := strconv.Atoi(asked.Get("sinceSeconds")); err == nil {
		since = time.Now().Add(-time.Duration(seconds) * time.Second)
	} else if at, err := time.Parse(time.RFC3339, asked.Get("sinceTime")); err == nil {
		since = at
	}
	budget, err := strconv.Atoi(asked.Get("limitBytes"))
	if err != nil {
		budget = -1
	}
	answer.Header().Set("Content-Type", "text/plain")
	lines, number, more := found.next(request.Context(), 0, false)
	if tail, err := strconv.Atoi(asked.Get("tailLines")); err == nil {
		lines = lines[max(len(lines)-tail, 0):]
	}
	for more = asked.Get("follow") == "true"; ; {
		for _, one := range lines {
			text := one.text
			if asked.Get("timestamps") == "true" {
				text = fmt.Appendf(nil, "%s %s", one.at.UTC().Format(time.RFC3339Nano), text)
			}
			if one.at.Before(since) {
				continue
			}
			if budget >= 0 {
				text = text[:min(len(text), budget)]
				budget -= len(text)
			}
			if _, err := answer.Write(text); err != nil || budget == 0 {
				return
			}
		}
		_ = http.NewResponseController(answer).Flush()
		if !more || request.Context().Err() != nil {
			return
		}
		lines, number, more = found.next(request.Context(), number, true)
	}
}

func (f *fleet) journal(namespace, name, container string, previous bool) *journal {
	running := f.find(namespace, name)
	if running == nil {
		return nil
	}
	running.mutex.Lock()
	defer running.mutex.Unlock()
	for _, one := range append(running.init[:len(running.init):len(running.init)], running.usual...) {
		if one.spec.Name != container {
			continue
		}
		if at := len(one.journals) - 1; previous && at >= 1 {
			return one.journals[at-1]
		} else if !previous && at >= 0 {
			return one.journals[at]
		}
	}
	return nil
}
